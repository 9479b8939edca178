#include <iostream>

#include "app.h"
#include "mobireg/config/run_config.h"
#include "mobireg/training/run.h"
#include "mobireg/training/text_reporter.h"

using namespace mobireg;

int main(int argc, char** argv) {
  CLI::App app("", "mobireg-train");
  describe(app,
           "Trains a MobileNet regressor as a JSON file describes it, into a run folder with\n"
           "checkpoints, metrics and a log. Ctrl-C finishes the step, saves and says how to go on.",
           "  mobireg-train configs/headpose.json\n"
           "  mobireg-train configs/headpose.json --set model.alpha=0.5 --set training.epochs=60\n"
           "  mobireg-train configs/headpose.json --resume");
  std::string config_file;
  std::vector<std::string> overrides;
  bool resume = false;
  bool list_fields = false;
  bool print_config = false;
  app.add_option("CONFIG", config_file, "JSON file that describes the run");
  app.add_option("--set", overrides, "Override a field, as a.b=value; may be given several times")
      ->allow_extra_args(false)
      ->type_name("FIELD=VALUE");
  app.add_flag("--resume", resume, "Go on with the run in the config's run_dir, if there is one");
  app.add_flag("--print-config", print_config, "Print the resolved config and exit");
  app.add_flag("--list-fields", list_fields,
               "Print every field of a config, as Markdown, and exit");
  return run_app(app, argc, argv, [&] {
    if (list_fields) {
      std::cout << config_reference();
      return 0;
    }
    if (config_file.empty()) throw std::invalid_argument("CONFIG is missing; see --help");
    const RunConfig config = load_run_config(config_file, overrides);
    if (print_config) {
      std::cout << to_json(config);
      return 0;
    }
    keep_freed_memory();
    TextReporter reporter(std::cout, on_terminal() ? ReportStyle::kTerminal : ReportStyle::kLines);
    const RunOptions options{{&reporter}, &stop_on_signals(), {}};
    const RunOutcome outcome =
        resume ? start_or_resume_run(config, options) : start_run(config, options);
    return outcome == RunOutcome::kFinished ? 0 : 130;
  });
}
