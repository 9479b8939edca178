#include "mobireg/bench/train_bench.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "mobireg/core/error.h"
#include "synthetic_run.h"

namespace mobireg {
namespace {

DataBenchOptions small_bench(const SyntheticRun& run) {
  DataBenchOptions options;
  options.images = run.folder.path() / "heads/headpose.csv";
  options.threads = 1;
  return options;
}

TEST_CASE("training is timed with and without the loader, beside matrix products") {
  const SyntheticRun run;
  const TrainBenchReport report = bench_training(small_bench(run), 2, 0);
  CHECK(report.without_data.size() == 2);
  CHECK(report.without_data[0].count == 64);  // one batch at least
  CHECK(report.with_loader[1].count == 64);
  CHECK(report.products[0].count == 2LL * 2048 * 2048 * 2048);
  CHECK(report.operations_an_image > 6 * 40e6);  // alpha 1, 64x64: 46 million multiply-adds
  CHECK(report.peak_memory > 1e7);
  double parts = 0;
  for (const StepPart& part : report.parts) {
    CHECK(part.seconds > 0);
    parts += part.seconds;
  }
  double seconds = 0;
  for (const Timing& timing : report.without_data) seconds += timing.seconds / 128;
  CHECK(parts == Approx(seconds));
  const auto json = nlohmann::json::parse(report.to_json());
  CHECK(json["rounds"].size() == 2);
  CHECK(json["loader_share"].get<double>() == report.loader_share());
  CHECK(report.to_string().find("images/s") != std::string::npos);
}

TEST_CASE("shares are medians of the rounds' ratios") {
  TrainBenchReport report;
  report.operations_an_image = 10;
  report.without_data = {{100, 1, 1}, {100, 2, 1}, {100, 1, 1}};
  report.with_loader = {{90, 1, 1}, {50, 2, 1}, {99, 1, 1}};
  report.products = {{2000, 1, 1}, {4000, 1, 1}, {1000, 1, 1}};
  CHECK(report.loader_share() == Approx(0.9));
  CHECK(report.product_share() == Approx(0.5));
}

TEST_CASE("an input that has to be fitted is refused") {
  const SyntheticRun run;
  DataBenchOptions options;
  const auto file = run.folder.path() / "run.json";
  RunConfig config = run.config;
  config.model.input.featurewise_center = true;
  std::ofstream(file) << to_json(config);
  options.config = file;
  CHECK_THROWS_WITH(TrainBench(options), Catch::Contains("does not fit the input"));
}

}  // namespace
}  // namespace mobireg
