#include <iostream>
#include <map>

#include "app.h"
#include "mobireg/bench/data_bench.h"
#include "mobireg/bench/infer_bench.h"
#include "mobireg/bench/train_bench.h"
#include "mobireg/core/threads.h"

using namespace mobireg;

namespace {

const std::map<std::string, ImageMode> kModes{
    {"auto", ImageMode::kAuto}, {"memory", ImageMode::kMemory}, {"stream", ImageMode::kStream}};

/// What `data` and `train` are told alike.
struct Arguments {
  DataBenchOptions options;
  int rounds = 5;
  double seconds = 1;
  bool json = false;
  bool interactive = false;
  std::string mode;  // of data
  bool no_dct_scaling = false;
  bool headers = false;
  bool with_loader = false;  // of train
};

struct InferArguments {
  InferBenchOptions options;
  int rounds = 10;
  double seconds = 0.5;
  bool json = false;
  bool interactive = false;
};

CLI::App* add_command(CLI::App& app, const char* name, const char* what, Arguments& arguments) {
  DataBenchOptions& options = arguments.options;
  CLI::App* command = app.add_subcommand(name, what);
  command->add_option("--config", options.config,
                      "JSON file of a run; default: the recipe of head pose");
  command->add_option("--set", options.overrides, "Override a field of it, as a.b=value")
      ->allow_extra_args(false)
      ->type_name("FIELD=VALUE");
  command->add_option("--images", options.images,
                      "CSV of labelled images, instead of the config's data");
  command->add_option("--threads", options.threads, "Threads")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command->add_option("--rounds", arguments.rounds, "Timings, of which the median counts")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--seconds", arguments.seconds, "Of each timing")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  auto* json = command->add_flag("--json", arguments.json, "Print JSON");
  command
      ->add_flag("--interactive", arguments.interactive,
                 "Answer lines 'run SECONDS' with a line of JSON each (scripts/bench/)")
      ->excludes(json);
  return command;
}

void add_data_options(CLI::App& data, Arguments& arguments) {
  data.add_option("--mode", arguments.mode, "Where decoded images are kept; default: as configured")
      ->check(CLI::IsMember({"auto", "memory", "stream"}));
  data.add_flag("--no-dct-scaling", arguments.no_dct_scaling, "Decode JPEGs at their full size");
  data.add_flag("--headers", arguments.headers,
                "Time the check of all rows before training, not the batches");
}

CLI::App* add_infer(CLI::App& app, InferArguments& arguments) {
  InferBenchOptions& options = arguments.options;
  CLI::App* infer = app.add_subcommand(
      "infer",
      "Predicts images, and prints latency, images a second and the time of each kind of layer.");
  infer->add_option("FILE", options.file, "Checkpoint or exported file; default: random weights");
  infer->add_option("--alpha", options.alpha, "Of random weights")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  infer->add_option("--size", options.size, "Of random weights' input")->capture_default_str();
  infer->add_option("--batch", options.batch, "Images a call")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  infer->add_option("--threads", options.threads, "Threads that call")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  infer->add_option("--rounds", arguments.rounds, "Turns of each form")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  infer->add_option("--seconds", arguments.seconds, "Of each turn")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  infer->add_flag("--libtorch", options.libtorch,
                  "LibTorch's modules and optimised TorchScript besides");
  auto* json = infer->add_flag("--json", arguments.json, "Print JSON");
  infer
      ->add_flag("--interactive", arguments.interactive,
                 "Answer lines 'run SECONDS' with a line of JSON each (scripts/bench/)")
      ->excludes(json);
  return infer;
}

void run_infer(const InferArguments& arguments) {
  if (arguments.interactive) {
    InferBench(arguments.options).serve(std::cin, std::cout);
    return;
  }
  const InferBenchReport report =
      bench_inference(arguments.options, arguments.rounds, arguments.seconds);
  std::cout << (arguments.json ? report.to_json() : report.to_string());
}

void check(const Arguments& arguments) {
  if (arguments.options.config.empty() && arguments.options.images.empty()) {
    throw CLI::RequiredError("--images or --config");
  }
}

void serve_data(const Arguments& arguments) {
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

void run_data(Arguments& arguments) {
  check(arguments);
  if (!arguments.mode.empty()) arguments.options.mode = kModes.at(arguments.mode);
  arguments.options.dct_scaling = !arguments.no_dct_scaling;
  keep_freed_memory();
  if (arguments.interactive) {
    serve_data(arguments);
    return;
  }
  const DataBenchReport report =
      arguments.headers ? bench_row_checks(arguments.options, arguments.rounds)
                        : bench_data(arguments.options, arguments.rounds, arguments.seconds);
  std::cout << (arguments.json ? report.to_json() : report.to_string());
}

void run_train(Arguments& arguments) {
  check(arguments);
  keep_freed_memory();
  if (arguments.interactive) {
    TrainBench bench(arguments.options);
    serve_timings(std::cin, std::cout, bench.about(), [&](double seconds) {
      return arguments.with_loader ? bench.run_with_loader(seconds)
                                   : bench.run_without_data(seconds);
    });
    return;
  }
  const TrainBenchReport report =
      bench_training(arguments.options, arguments.rounds, arguments.seconds);
  std::cout << (arguments.json ? report.to_json() : report.to_string());
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("", "mobireg-bench");
  describe(app, "Times parts of mobireg on this machine.",
           "  mobireg-bench data --images heads/headpose.csv\n"
           "  mobireg-bench data --config configs/headpose.json --mode stream --threads 2\n"
           "  mobireg-bench data --images heads/headpose.csv --headers\n"
           "  mobireg-bench train --config configs/headpose.json --set model.alpha=1\n"
           "  mobireg-bench infer --alpha 0.75 --libtorch");
  Arguments for_data;
  InferArguments for_infer;
  Arguments for_train;
  for_train.options.threads = available_cores();
  CLI::App* data = add_command(app, "data",
                               "Makes training batches as a run does, and prints images a second "
                               "and the time of each stage.",
                               for_data);
  add_data_options(*data, for_data);
  CLI::App* train = add_command(app, "train",
                                "Takes training steps as a run does, with and without the loader, "
                                "and prints images a second and their share of the rate of matrix "
                                "products.",
                                for_train);
  train->add_flag("--with-loader", for_train.with_loader,
                  "With --interactive: batches from the loader, not one batch again and again");
  CLI::App* infer = add_infer(app, for_infer);
  app.require_subcommand(1);
  return run_app(app, argc, argv, [&] {
    if (data->parsed()) run_data(for_data);
    if (train->parsed()) run_train(for_train);
    if (infer->parsed()) run_infer(for_infer);
    return 0;
  });
}
