#include <iostream>

#include "app.h"
#include "mobireg/training/run.h"
#include "mobireg/training/text_reporter.h"

using namespace mobireg;

int main(int argc, char** argv) {
  CLI::App app("", "mobireg-resume");
  describe(
      app,
      "Goes on with an interrupted run from its newest good checkpoint. The result is the same,\n"
      "bit for bit, as if the run had never stopped.",
      "  mobireg-resume runs/headpose\n"
      "  mobireg-resume runs/headpose --epochs 60\n"
      "  mobireg-resume runs/headpose --epochs 60 --extend stretch");
  std::string run_dir;
  int epochs = 0;
  std::string extend;
  app.add_option("RUN_DIR", run_dir, "Folder of the run")->required();
  auto* total =
      app.add_option("--epochs", epochs, "New total of epochs, more than the run was planned for")
          ->check(CLI::PositiveNumber);
  app.add_option("--extend", extend,
                 "What becomes of a cosine or one_cycle schedule then: stretch it over all epochs, "
                 "from now on, or hold the rate with which its last epoch began")
      ->check(CLI::IsMember({"stretch", "hold"}))
      ->needs(total);
  return run_app(app, argc, argv, [&] {
    keep_freed_memory();
    TextReporter reporter(std::cout, on_terminal() ? ReportStyle::kTerminal : ReportStyle::kLines);
    RunOptions options{{&reporter}, &stop_on_signals(), {}};
    if (!extend.empty()) {
      options.extend = extend == "hold" ? ScheduleExtension::kHold : ScheduleExtension::kStretch;
    }
    const auto all = epochs > 0 ? std::optional<int>(epochs) : std::nullopt;
    return resume_run(run_dir, all, options) == RunOutcome::kStopped ? 130 : 0;
  });
}
