#include "mobireg/bench/infer_bench.h"

#include <chrono>
#include <istream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <ostream>
#include <sstream>

#include "bench/infer_subjects.h"
#include "core/fail.h"
#include "mobireg/bench/timing.h"
#include "mobireg/core/version.h"

namespace mobireg {
namespace {

constexpr int kWarmUp = 20;  // calls, in which LibTorch chooses kernels

/// Whole numbers of 0 to 255, the images that scripts/bench/infer_peers.py gives its peers.
std::vector<float> fixed_pixels(std::int64_t image, std::int64_t images) {
  std::vector<float> pixels;
  for (std::int64_t i = 0; i < images * image; ++i) {
    pixels.push_back(static_cast<float>(i % image * 7919 % 257 % 256));
  }
  return pixels;
}

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void check(const InferBenchOptions& options) {
  if (options.batch < 1) fail("a batch of {}; it must be at least 1", options.batch);
  if (options.threads < 1) fail("{} threads; there must be at least 1", options.threads);
}

}  // namespace

struct InferBench::State {
  struct Loaded {
    std::string name;
    PredictPixels predict;
    int callers = 1;
    double start = 0;
    std::vector<float> outputs;  // of the batch
  };

  InferBenchOptions options;
  InferSubjects subjects;
  std::string what;
  std::vector<float> pixels;
  std::vector<Loaded> loaded;

  explicit State(const InferBenchOptions& given)
      : options(given),
        subjects(infer_subjects(given)),
        what(fmt::format("{}, batch {}, {} thread{}", subjects.model, given.batch, given.threads,
                         given.threads == 1 ? "" : "s")),
        pixels(fixed_pixels(std::int64_t{subjects.channels} * subjects.size * subjects.size,
                            given.batch)) {
    for (const InferSubject& subject : subjects.subjects) load(subject);
  }

  void load(const InferSubject& subject) {
    Loaded one{subject.name, nullptr, subject.thread_safe ? options.threads : 1, 0, {}};
    one.outputs.resize(static_cast<std::size_t>(options.batch) * subjects.outputs);
    const double begin = now();
    one.predict = subject.load();
    one.predict(pixels.data(), options.batch, one.outputs.data());
    one.start = now() - begin;
    std::vector<float> outputs(one.outputs.size());
    for (int i = 0; i < kWarmUp; ++i) one.predict(pixels.data(), options.batch, outputs.data());
    loaded.push_back(std::move(one));
  }
};

InferBench::InferBench(const InferBenchOptions& options) {
  check(options);
  state_ = std::make_unique<State>(options);
}

InferBench::~InferBench() = default;

const std::string& InferBench::what() const { return state_->what; }

std::vector<std::string> InferBench::names() const {
  std::vector<std::string> names;
  for (const State::Loaded& one : state_->loaded) names.push_back(one.name);
  return names;
}

std::vector<double> InferBench::starts() const {
  std::vector<double> starts;
  for (const State::Loaded& one : state_->loaded) starts.push_back(one.start);
  return starts;
}

std::vector<std::vector<float>> InferBench::outputs() const {
  std::vector<std::vector<float>> outputs;
  for (const State::Loaded& one : state_->loaded) outputs.push_back(one.outputs);
  return outputs;
}

Latencies InferBench::run(std::size_t i, double seconds) const {
  const State::Loaded& subject = state_->loaded.at(i);
  const int batch = state_->options.batch;
  Latencies latencies;
  latencies.batch = batch;
  std::mutex mutex;  // of latencies.calls
  const Timing all = time_for(seconds, subject.callers, [&] {
    std::vector<float> outputs(subject.outputs.size());
    const double begin = now();
    subject.predict(state_->pixels.data(), batch, outputs.data());
    const double call = now() - begin;
    const std::lock_guard<std::mutex> lock(mutex);
    latencies.calls.push_back(call);
    return batch;
  });
  latencies.seconds = all.seconds;
  latencies.cpu_seconds = all.cpu_seconds;
  return latencies;
}

std::vector<InferPart> InferBench::parts(int repeats) const {
  std::vector<InferPart> parts;
  if (state_->subjects.engine == nullptr) return parts;
  for (const LayerTime& layer :
       state_->subjects.engine->profile(state_->pixels.data(), state_->options.batch, repeats)) {
    parts.push_back(
        {layer.name, layer.kind, layer.seconds, layer.multiply_adds, layer.weight_bytes});
  }
  return parts;
}

void InferBench::serve(std::istream& in, std::ostream& out) const {
  const State::Loaded& subject = state_->loaded.front();
  const std::vector<float> outputs(subject.outputs.begin(),
                                   subject.outputs.begin() + state_->subjects.outputs);
  const nlohmann::ordered_json about{
      {"versions", {{"mobireg", version()}}}, {"outputs", outputs}, {"start", subject.start}};
  Latencies last;
  const TimedRun run = [&](double seconds) {
    last = this->run(0, seconds);
    const auto images = static_cast<std::int64_t>(last.calls.size()) * last.batch;
    return Timing{images, last.seconds, last.cpu_seconds};
  };
  out << about.dump() << std::endl;
  for (std::string line; std::getline(in, line);) {
    std::istringstream command(line);
    std::stringstream answer;
    serve_timings(command, answer, "", run);
    auto json = nlohmann::ordered_json::parse(answer);
    json["latencies"] = last.calls;
    out << json.dump() << std::endl;
  }
}

InferBenchReport bench_inference(const InferBenchOptions& options, int rounds, double seconds) {
  constexpr int kRepeats = 200;
  const InferBench bench(options);
  InferBenchReport report{bench.what(), {}, {}};
  const std::vector<std::string> names = bench.names();
  for (std::size_t i = 0; i < names.size(); ++i) {
    report.rows.push_back({names[i], bench.starts()[i], {}});
  }
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      report.rows[i].latencies.add(bench.run(i, seconds));
    }
  }
  report.parts = bench.parts(kRepeats);
  return report;
}

}  // namespace mobireg
