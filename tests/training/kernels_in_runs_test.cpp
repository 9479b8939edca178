// Training with mobireg's own kernels beside LibTorch's operators, and with threads left open.

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <catch2/catch.hpp>

#include "mobireg/core/threads.h"
#include "mobireg/model/regressor.h"
#include "mobireg/model/weights.h"
#include "mobireg/training/optimizer.h"
#include "mobireg/training/run.h"
#include "mobireg/training/run_folder.h"
#include "synthetic_run.h"
#include "training/choose_threads.h"

namespace mobireg {
namespace {

void copy_state(const Regressor& from, const Regressor& to) {
  const torch::NoGradGuard no_grad;
  const auto sources = named_weights(*from);
  const auto targets = named_weights(*to);
  for (std::size_t i = 0; i < sources.size(); ++i) {
    torch::Tensor target = targets[i].tensor.detach();
    target.copy_(sources[i].tensor);
  }
}

// Along one course of training: two courses drift apart from the second step on whatever the
// kernels are, as those of LibTorch on one thread and on two do (docs/performance.md).
TEST_CASE("each of the first 50 losses is the same with the kernels on and off to a thousandth") {
  ModelConfig model;
  model.alpha = 0.25;
  Regressor ours(model, 3);
  Regressor exact(model, 3);
  exact->use_fused_kernels(false);
  std::vector<NamedTensor> parameters;
  for (const auto& item : ours->named_parameters()) {
    parameters.push_back({item.key(), item.value()});
  }
  OptimizerConfig adam;
  adam.learning_rate = 0.001;
  Optimizer optimizer(parameters, adam);
  torch::manual_seed(8);
  for (std::uint64_t step = 0; step < 50; ++step) {
    CAPTURE(step);
    copy_state(ours, exact);
    const torch::Tensor images = torch::randn({16, 3, 64, 64});
    const torch::Tensor targets = images.mean({2, 3}) * 20;
    const auto loss_of = [&](Regressor& network) {
      network->reseed_dropout(step);
      return torch::mse_loss(network(images), targets);
    };
    optimizer.zero_grad();
    const torch::Tensor loss = loss_of(ours);
    CHECK(loss.item<double>() == Approx(loss_of(exact).item<double>()).epsilon(1e-3));
    loss.backward();
    optimizer.step();
  }
}

TEST_CASE("a run that leaves its threads open gets at most one a core, and keeps them") {
  SyntheticRun run(1);
  run.config.threads = 0;
  start_run(run.config);
  const int chosen = RunFolder::open(run.config.run_dir).threads();
  CHECK(chosen >= 1);
  CHECK(chosen <= available_cores());
  at::set_num_threads(available_cores() + 1);
  resume_run(run.config.run_dir, 2);
  CHECK(at::get_num_threads() == chosen);
  at::set_num_threads(available_cores());
}

}  // namespace
}  // namespace mobireg
