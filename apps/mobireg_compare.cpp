#include <cstdio>

#include "app.h"
#include "mobireg/report/compare.h"

using namespace mobireg;

int main(int argc, char** argv) {
  CLI::App app("", "mobireg-compare");
  describe(
      app,
      "Puts runs beside each other: their best epoch, errors, speed and size, and what differs\n"
      "in their configs. Runs may be going on. --html writes it as one page, with the runs'\n"
      "curves on top of each other.",
      "  mobireg-compare runs/recipe runs/huber\n"
      "  mobireg-compare runs/* --html runs.html\n"
      "  mobireg-compare runs/* --test");
  std::vector<std::filesystem::path> runs;
  CompareOptions options;
  app.add_option("RUN", runs, "Folders of runs that predict the same outputs")->required();
  auto* html = app.add_option("--html", options.html, "Write a page to this file");
  app.add_flag("--overwrite", options.overwrite, "Replace the page if it exists")->needs(html);
  app.add_flag("--test", options.evaluate,
               "Evaluate best checkpoints on their test rows where that was not done yet");
  app.add_option("--threads", options.threads, "Compute threads; 0: all cores")
      ->check(CLI::Range(0, 1024));
  return run_app(app, argc, argv, [&] {
    keep_freed_memory();
    options.warn = [](const std::string& text) {
      std::fprintf(stderr, "warning: %s\n", text.c_str());
    };
    std::fputs(compare_runs(runs, options).to_string().c_str(), stdout);
    return 0;
  });
}
