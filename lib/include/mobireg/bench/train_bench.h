#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "mobireg/bench/data_bench.h"
#include "mobireg/bench/timing.h"
#include "mobireg/training/trainer.h"

namespace mobireg {

/// Training steps as a run takes them. The thread count is the options'.
class TrainBench {
 public:
  /// Opens the data set and makes the network. Throws Error as open_datasets does, and where the
  /// config's input is fitted to the training images.
  explicit TrainBench(const DataBenchOptions& options);
  ~TrainBench();

  const RunConfig& config() const;

  /// For `serve_timings`.
  std::string about() const;

  /// Steps on one batch, again and again.
  Timing run_without_data(double seconds);

  /// Steps on batches that loader threads make meanwhile.
  Timing run_with_loader(double seconds);

  /// Time of the steps so far by kind of layer.
  BackboneTimes times() const;

  /// Floating-point operations of training on one image: 6 for each multiply-add.
  double operations_an_image() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Products of two 2048 x 2048 float matrices by LibTorch's BLAS, with its threads; `count` are
/// floating-point operations.
Timing time_matrix_products(double seconds);

/// What a part of a training step takes.
struct StepPart {
  std::string name;
  double seconds = 0;  // an image
};

struct TrainBenchReport {
  std::string what;  // one line
  double operations_an_image = 0;
  std::vector<Timing> without_data;
  std::vector<Timing> with_loader;
  std::vector<Timing> products;
  std::vector<StepPart> parts;  // without data; none where LibTorch's operators run
  double peak_memory = 0;       // of the process, bytes

  /// Median over the rounds of the rates' ratio.
  double loader_share() const;

  /// The share of the matrix products' rate that the steps without data reach, likewise.
  double product_share() const;

  std::string to_string() const;
  std::string to_json() const;
};

/// `rounds` (at least 1) of all three in turns, of about `seconds` each.
TrainBenchReport bench_training(const DataBenchOptions& options, int rounds, double seconds);

}  // namespace mobireg
