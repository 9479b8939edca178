#pragma once

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

namespace mobireg {

struct InferBenchOptions {
  /// A checkpoint or an exported file; empty: a network with random weights, as below.
  std::filesystem::path file;
  double alpha = 0.75;
  int size = 64;
  int batch = 1;    // images a call
  int threads = 1;  // that call at the same time; LibTorch's calls are one after the other
  /// The same network in LibTorch besides, as modules and as optimised TorchScript. An exported
  /// file has none.
  bool libtorch = false;
};

/// Calls of one predict function.
struct Latencies {
  std::int64_t batch = 1;     // images of each call
  std::vector<double> calls;  // seconds of each
  double seconds = 0;         // of all
  double cpu_seconds = 0;     // of all threads of the process

  double median() const;
  double p99() const;  // at least 99 % take no longer
  double images_per_second() const;
  void add(const Latencies& more);
};

/// A part of the network.
struct InferPart {
  std::string name;          // of its layers
  std::string kind;          // first convolution, separable 32x32, ..., pool, heads
  double seconds = 0;        // an image
  double multiply_adds = 0;  // an image
  double weight_bytes = 0;
};

/// Times the prediction of images.
class InferBench {
 public:
  /// Loads the network and calls each predict function a few times. Throws Error as
  /// `Predictor::load` does, and for an input size or a batch that is not positive.
  explicit InferBench(const InferBenchOptions& options);
  ~InferBench();

  /// alpha, input, batch and threads, in a line.
  const std::string& what() const;

  /// What is timed: mobireg, then LibTorch's forms.
  std::vector<std::string> names() const;

  /// Seconds from the file (or the weights) to the first result, of each.
  std::vector<double> starts() const;

  /// What each makes of the same images, (batch, outputs).
  std::vector<std::vector<float>> outputs() const;

  /// Calls of the `i`-th for about so long, at least one.
  Latencies run(std::size_t i, double seconds) const;

  /// The median times of the network's parts, at one call at a time; none of an exported file.
  std::vector<InferPart> parts(int repeats) const;

  /// Answers as `serve_timings` does, of mobireg alone; with each call's seconds as `latencies`,
  /// and first what the network makes of a fixed image.
  void serve(std::istream& in, std::ostream& out) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct InferBenchReport {
  struct Row {
    std::string name;
    double start = 0;  // seconds
    Latencies latencies;
  };

  std::string what;  // one line
  std::vector<Row> rows;
  std::vector<InferPart> parts;

  std::string to_string() const;  // the parts by their kind
  std::string to_json() const;
};

/// `rounds` (at least 1) of all in turns, of about `seconds` each.
InferBenchReport bench_inference(const InferBenchOptions& options, int rounds, double seconds);

}  // namespace mobireg
