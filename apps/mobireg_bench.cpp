#include <iostream>
#include <map>

#include "app.h"
#include "mobireg/bench/data_bench.h"

using namespace mobireg;

namespace {

const std::map<std::string, ImageMode> kModes{
    {"auto", ImageMode::kAuto}, {"memory", ImageMode::kMemory}, {"stream", ImageMode::kStream}};

struct DataArguments {
  DataBenchOptions options;
  std::string mode;
  int rounds = 5;
  double seconds = 1;
  bool no_dct_scaling = false;
  bool headers = false;
  bool json = false;
  bool interactive = false;
};

CLI::App* add_data(CLI::App& app, DataArguments& arguments) {
  DataBenchOptions& options = arguments.options;
  CLI::App* data = app.add_subcommand(
      "data",
      "Makes training batches as a run does, and prints images a second and the time of "
      "each stage.");
  auto* config = data->add_option("--config", options.config,
                                  "JSON file of a run; default: the recipe of head pose");
  data->add_option("--set", options.overrides, "Override a field of it, as a.b=value")
      ->allow_extra_args(false)
      ->type_name("FIELD=VALUE")
      ->needs(config);
  data->add_option("--images", options.images,
                   "CSV of labelled images, instead of the config's data");
  data->add_option("--mode", arguments.mode,
                   "Where decoded images are kept; default: as configured")
      ->check(CLI::IsMember({"auto", "memory", "stream"}));
  data->add_flag("--no-dct-scaling", arguments.no_dct_scaling, "Decode JPEGs at their full size");
  data->add_option("--threads", options.threads, "Loader threads")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  data->add_option("--rounds", arguments.rounds, "Timings, of which the median counts")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  data->add_option("--seconds", arguments.seconds, "Of each timing")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  data->add_flag("--headers", arguments.headers,
                 "Time the check of all rows before training, not the batches");
  auto* json = data->add_flag("--json", arguments.json, "Print JSON");
  data->add_flag(
          "--interactive", arguments.interactive,
          "Answer lines 'run SECONDS' with a line of JSON each (scripts/bench/data_peers.py)")
      ->excludes(json);
  return data;
}

void serve(const DataArguments& arguments) {
  if (arguments.headers) {
    const RowCheckBench bench(arguments.options);
    bench.run(0);
    serve_timings(std::cin, std::cout, RowCheckBench::about(),
                  [&](double seconds) { return bench.run(seconds); });
  } else {
    DataBench bench(arguments.options);
    serve_timings(std::cin, std::cout, bench.about(),
                  [&](double seconds) { return bench.run(seconds); });
  }
}

void run_data(DataArguments& arguments) {
  if (arguments.options.config.empty() && arguments.options.images.empty()) {
    throw std::invalid_argument("--images or --config is missing; see --help");
  }
  if (!arguments.mode.empty()) arguments.options.mode = kModes.at(arguments.mode);
  arguments.options.dct_scaling = !arguments.no_dct_scaling;
  keep_freed_memory();
  if (arguments.interactive) {
    serve(arguments);
    return;
  }
  const DataBenchReport report =
      arguments.headers ? bench_row_checks(arguments.options, arguments.rounds)
                        : bench_data(arguments.options, arguments.rounds, arguments.seconds);
  std::cout << (arguments.json ? report.to_json() : report.to_string());
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("", "mobireg-bench");
  describe(app, "Times parts of mobireg on this machine.",
           "  mobireg-bench data --images heads/headpose.csv\n"
           "  mobireg-bench data --config configs/headpose.json --mode stream --threads 2\n"
           "  mobireg-bench data --images heads/headpose.csv --headers");
  DataArguments data_arguments;
  const CLI::App* data = add_data(app, data_arguments);
  app.require_subcommand(1);
  return run_app(app, argc, argv, [&] {
    if (data->parsed()) run_data(data_arguments);
    return 0;
  });
}
