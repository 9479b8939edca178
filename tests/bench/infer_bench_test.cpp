#include "mobireg/bench/infer_bench.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

namespace mobireg {
namespace {

using nlohmann::json;

InferBenchOptions small_network() {
  InferBenchOptions options;
  options.alpha = 0.25;
  options.size = 32;
  return options;
}

TEST_CASE("inference is timed beside LibTorch's two forms, and by its parts") {
  InferBenchOptions options = small_network();
  options.batch = 2;
  options.libtorch = true;
  const InferBenchReport report = bench_inference(options, 2, 0);
  CHECK(report.what == "alpha 0.25, 32x32x3, batch 2, 1 thread");
  REQUIRE(report.rows.size() == 3);
  for (const InferBenchReport::Row& row : report.rows) {
    CHECK(row.latencies.calls.size() == 2);
    CHECK(row.latencies.images_per_second() > 0);
    CHECK(row.start > 0);
  }
  REQUIRE(report.parts.size() == 16);
  for (const InferPart& part : report.parts) CHECK(part.seconds > 0);
  const auto parsed = json::parse(report.to_json());
  CHECK(parsed["networks"][1]["name"] == "LibTorch, modules");
  CHECK(parsed["networks"][2]["name"] == "LibTorch, optimised TorchScript");
  CHECK(parsed["parts"][0]["name"] == "conv1");
  CHECK(report.to_string().find("separable 4x4") != std::string::npos);
}

TEST_CASE("all forms of a network that are timed give the same outputs") {
  InferBenchOptions options = small_network();
  options.libtorch = true;
  const InferBench bench(options);
  const auto outputs = bench.outputs();
  REQUIRE(outputs.size() == 3);
  for (std::size_t i = 1; i < 3; ++i) {
    for (std::size_t k = 0; k < 3; ++k) CHECK(outputs[i][k] == Approx(outputs[0][k]).margin(1e-5));
  }
}

TEST_CASE("several threads predict at the same time") {
  InferBenchOptions options = small_network();
  options.threads = 3;
  CHECK(InferBench(options).run(0, 0).calls.size() == 3);
}

TEST_CASE("an inference bench answers lines as peers do") {
  std::istringstream in("run 0\nrun 0.01\n");
  std::stringstream out;
  InferBench(small_network()).serve(in, out);
  std::string line;
  std::getline(out, line);
  const json about = json::parse(line);
  CHECK(about["outputs"].size() == 3);
  CHECK(about["start"] > 0);
  CHECK(about["versions"].contains("mobireg"));
  std::getline(out, line);
  const json first = json::parse(line);
  CHECK(first["images"] == 1);
  CHECK(first["latencies"].size() == 1);
  std::getline(out, line);
  const json second = json::parse(line);
  CHECK(second["images"] == second["latencies"].size());
  CHECK(second["seconds"] >= 0.01);
}

TEST_CASE("latencies give their median and the 99th percentile") {
  Latencies latencies;
  latencies.batch = 4;
  for (int i = 100; i >= 1; --i) latencies.calls.push_back(i);
  latencies.seconds = 8;
  CHECK(latencies.median() == 50.5);
  CHECK(latencies.p99() == 99);
  CHECK(latencies.images_per_second() == 50);
  latencies.calls = {3};
  CHECK(latencies.p99() == 3);
  latencies.calls.clear();
  CHECK_THROWS_WITH(latencies.median(), "no calls were timed");
  CHECK_THROWS_WITH(latencies.p99(), "no calls were timed");
}

TEST_CASE("an inference bench refuses a batch or threads that are none") {
  InferBenchOptions options = small_network();
  options.batch = 0;
  CHECK_THROWS_WITH(InferBench(options), "a batch of 0; it must be at least 1");
  options.batch = 1;
  options.threads = 0;
  CHECK_THROWS_WITH(InferBench(options), "0 threads; there must be at least 1");
}

TEST_CASE("an inference bench says what is wrong with a file") {
  InferBenchOptions options;
  options.file = "no/such/file";
  CHECK_THROWS_WITH(InferBench(options), Catch::Contains("no/such/file"));
}

}  // namespace
}  // namespace mobireg
