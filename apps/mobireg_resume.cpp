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
      "  mobireg-resume runs/headpose --epochs 60");
  std::string run_dir;
  int epochs = 0;
  app.add_option("RUN_DIR", run_dir, "Folder of the run")->required();
  app.add_option("--epochs", epochs, "New total of epochs, more than the run was planned for")
      ->check(CLI::PositiveNumber);
  return run_app(app, argc, argv, [&] {
    keep_freed_memory();
    TextReporter reporter(std::cout, on_terminal() ? ReportStyle::kTerminal : ReportStyle::kLines);
    const RunOptions options{{&reporter}, &stop_on_signals(), {}};
    const auto total = epochs > 0 ? std::optional<int>(epochs) : std::nullopt;
    return resume_run(run_dir, total, options) == RunOutcome::kFinished ? 0 : 130;
  });
}
