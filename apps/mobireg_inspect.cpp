#include <cstdio>

#include "app.h"
#include "mobireg/inspect/inspect.h"

using namespace mobireg;

int main(int argc, char** argv) {
  CLI::App app("", "mobireg-inspect");
  describe(
      app,
      "Looks at a run's data before the first epoch and writes one HTML page: counts, labels,\n"
      "outliers, duplicates, unreadable files, a guess of the units, and augmented samples with\n"
      "their labels drawn over them. Open it in a browser; it needs nothing else.",
      "  mobireg-inspect configs/headpose.json\n"
      "  mobireg-inspect faces/labels.csv --output faces.html\n"
      "  mobireg-inspect configs/headpose.json --set data.csv=faces.csv --samples 30");
  InspectFileOptions options;
  app.add_option("DATA_OR_CONFIG", options.data_or_config,
                 "A run's config (.json), or a CSV of labelled images")
      ->required();
  app.add_option("--output", options.output,
                 "The page; default: NAME_inspect.html in the current folder");
  app.add_flag("--overwrite", options.overwrite, "Replace the page if it exists");
  app.add_option("--set", options.overrides,
                 "Override a field of the config, as a.b=value; may be given several times")
      ->allow_extra_args(false)
      ->type_name("FIELD=VALUE");
  app.add_option("--samples", options.inspect.samples, "Training images that are shown augmented")
      ->capture_default_str()
      ->check(CLI::Range(0, 500));
  app.add_option("--threads", options.inspect.threads, "Threads; 0: all cores")
      ->check(CLI::Range(0, 1024));
  return run_app(app, argc, argv, [&] {
    const auto [page, inspection] = inspect_file(options);
    for (const Finding& finding : inspection.findings) {
      std::printf("%s: %s\n", finding.kind == Finding::Kind::kWarning ? "warning" : "note",
                  finding.what.c_str());
    }
    std::printf("wrote %s\n", page.c_str());
    return 0;
  });
}
