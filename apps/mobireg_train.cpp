#include <iostream>

#include "app.h"
#include "mobireg/config/run_config.h"
#include "mobireg/core/file.h"
#include "mobireg/training/dev_run.h"
#include "mobireg/training/overfit.h"
#include "mobireg/training/rate_finder.h"
#include "mobireg/training/run.h"
#include "mobireg/training/text_reporter.h"

using namespace mobireg;

namespace {

constexpr int kStopped = 130;

void warn(const std::string& text) { std::cerr << "warning: " << text << '\n'; }

int find_rate(const RunConfig& config) {
  RateFinderOptions options;
  options.stop = &stop_on_signals();
  options.warn = warn;
  const RateFinding finding = find_learning_rate(config, options);
  std::cout << finding.to_string();
  write_file_atomically("rate_finder.csv", finding.to_csv());
  std::cout << "wrote rate_finder.csv\n";
  return *options.stop ? kStopped : 0;
}

int check_overfit(const RunConfig& config) {
  const auto& stop = stop_on_signals();
  const OverfitCheck check = overfit_batch(config, warn, &stop);
  if (!check.passed() && stop) return kStopped;
  std::cout << check.to_string() << '\n';
  return check.passed() ? 0 : 1;
}

int dev_run(const RunConfig& config) {
  const auto tell = [](const std::string& part) { std::cout << part << ": OK" << std::endl; };
  return fast_dev_run(config, tell, stop_on_signals()) ? 0 : kStopped;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("", "mobireg-train");
  describe(app,
           "Trains a MobileNet regressor as a JSON file describes it. The run's folder gets\n"
           "checkpoints, metrics and a log. Ctrl-C finishes the step, saves and says how to go on.",
           "  mobireg-train configs/headpose.json\n"
           "  mobireg-train configs/headpose.json --set model.alpha=0.5 --set training.epochs=60\n"
           "  mobireg-train configs/headpose.json --resume\n"
           "  mobireg-train configs/headpose.json --fast-dev-run\n"
           "  mobireg-train configs/headpose.json --find-rate");
  std::string config_file;
  std::vector<std::string> overrides;
  bool resume = false;
  bool list_fields = false;
  bool print_schema = false;
  bool print_config = false;
  bool fast_dev_run = false;
  bool overfits = false;
  bool finds_rate = false;
  app.add_option("CONFIG", config_file, "JSON file that describes the run");
  app.add_option("--set", overrides, "Override a field, as a.b=value; may be given several times")
      ->allow_extra_args(false)
      ->type_name("FIELD=VALUE");
  app.add_flag("--resume", resume, "Go on with the run in the config's run_dir, if there is one");
  auto* checks = app.add_option_group("Checks", "before a long run");
  checks->add_flag("--fast-dev-run", fast_dev_run,
                   "Try every part of the run on a few batches, in temporary files");
  checks->add_flag("--overfit-batch", overfits, "Check that the network can learn one batch");
  checks->add_flag("--find-rate", finds_rate,
                   "Raise the learning rate over 150 steps; table, and rate_finder.csv here");
  checks->require_option(0, 1);
  app.add_flag("--print-config", print_config, "Print the resolved config and exit");
  app.add_flag("--list-fields", list_fields,
               "Print every field of a config, as Markdown, and exit");
  app.add_flag("--schema", print_schema, "Print a JSON Schema of configs, for editors, and exit");
  return run_app(app, argc, argv, [&] {
    if (list_fields) {
      std::cout << config_reference();
      return 0;
    }
    if (print_schema) {
      std::cout << config_schema();
      return 0;
    }
    if (config_file.empty()) throw CLI::RequiredError("CONFIG");
    const RunConfig config = load_run_config(config_file, overrides);
    if (print_config) {
      std::cout << to_json(config);
      return 0;
    }
    keep_freed_memory();
    if (fast_dev_run) return dev_run(config);
    if (overfits) return check_overfit(config);
    if (finds_rate) return find_rate(config);
    TextReporter reporter(std::cout, on_terminal() ? ReportStyle::kTerminal : ReportStyle::kLines);
    const RunOptions options{{&reporter}, &stop_on_signals(), {}};
    const RunOutcome outcome =
        resume ? start_or_resume_run(config, options) : start_run(config, options);
    return outcome == RunOutcome::kStopped ? kStopped : 0;
  });
}
