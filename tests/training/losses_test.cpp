#include "mobireg/training/losses.h"

#include <torch/types.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "central_differences.h"
#include "mobireg/config/run_config.h"
#include "mobireg/training/metrics.h"

namespace mobireg {
namespace {

Batch labelled(const torch::Tensor& targets) {
  Batch batch;
  batch.targets = targets;
  return batch;
}

double loss_of(LossKind kind, const std::vector<double>& head_weights = {1, 1, 1}) {
  ModelConfig model;
  for (std::size_t k = 0; k < 3; ++k) {
    model.heads.push_back({model.outputs[k].name, {model.outputs[k].name}, 8, 0, head_weights[k]});
  }
  TrainingConfig training;
  training.loss = kind;
  training.huber_delta = 1.0;
  const auto outputs = torch::tensor({{0.5, -2.0, 3.0}, {0.0, 0.25, -1.0}}, torch::kFloat);
  const auto targets = torch::tensor({{0.0, 0.0, 0.0}, {0.0, 0.0, 0.0}}, torch::kFloat);
  return RegressionLoss(training, model)(outputs, labelled(targets)).item<double>();
}

TEST_CASE("losses have Keras's values") {
  // By hand from Keras's definitions: means over all six elements.
  CHECK(loss_of(LossKind::kMse) == Approx((0.25 + 4 + 9 + 0 + 0.0625 + 1) / 6));
  CHECK(loss_of(LossKind::kMae) == Approx((0.5 + 2 + 3 + 0 + 0.25 + 1) / 6));
  CHECK(loss_of(LossKind::kHuber) == Approx((0.125 + 1.5 + 2.5 + 0 + 0.03125 + 0.5) / 6));
}

TEST_CASE("a head's weight multiplies its outputs' share alone") {
  CHECK(loss_of(LossKind::kMae, {0, 1, 0}) == Approx(2.25 / 6));
  CHECK(loss_of(LossKind::kMae, {2, 1, 1}) - loss_of(LossKind::kMae) == Approx(0.5 / 6));
}

TEST_CASE("losses have the gradient of their formula (central differences, double)") {
  for (const LossKind kind : {LossKind::kMse, LossKind::kMae, LossKind::kHuber}) {
    TrainingConfig training;
    training.loss = kind;
    training.huber_delta = 0.7;
    const RegressionLoss loss(training, resolve_config(ModelConfig{}));
    const auto targets = torch::zeros({2, 3}, torch::kDouble);
    const auto outputs = torch::tensor({{0.5, -2.0, 3.0}, {0.1, 0.25, -1.0}}, torch::kDouble);
    const auto value = [&](const torch::Tensor& at) { return loss(at, labelled(targets)); };
    check_gradient(value, outputs, 0);
  }
}

TEST_CASE("a row's weight multiplies its errors and the mean stays over the rows, as in Keras") {
  const RegressionLoss loss({}, resolve_config(ModelConfig{}));
  const auto outputs = torch::tensor({{1.0F, 1.0F, 1.0F}, {2.0F, 2.0F, 2.0F}});
  Batch batch = labelled(torch::zeros({2, 3}));
  batch.weights = torch::tensor({1.0F, 0.5F});
  CHECK(loss(outputs, batch).item<double>() == Approx((1 + 0.5 * 4) / 2));
  batch.weights = torch::tensor({0.0F, 0.0F});
  CHECK(loss(outputs, batch).item<double>() == 0);
}

TEST_CASE("missing labels have no part in loss, gradient and metrics") {
  const RegressionLoss loss({}, resolve_config(ModelConfig{}));
  auto outputs = torch::tensor({{1.0F, 9.0F, 2.0F}, {3.0F, 9.0F, 9.0F}}).requires_grad_(true);
  Batch batch = labelled(torch::zeros({2, 3}));
  batch.present = torch::tensor({{1.0F, 0.0F, 1.0F}, {1.0F, 0.0F, 0.0F}});
  const auto value = loss(outputs, batch);
  CHECK(value.item<double>() == Approx((1 + 4 + 9) / 3.0));
  value.backward();
  CHECK(torch::equal(outputs.grad() != 0, batch.present != 0));
  MetricSums sums({{"a", Unit::kNone}, {"b", Unit::kNone}, {"c", Unit::kNone}});
  sums.add(outputs, batch, value.item<double>());
  CHECK(sums.values().output_mae[0] == Approx(2));
  CHECK(std::isnan(sums.values().output_mae[1]));
  CHECK(sums.values().output_mse[2] == Approx(4));
  CHECK(sums.values().mae == Approx(2));
  batch.present.zero_();
  CHECK(loss(outputs, batch).item<double>() == 0);
}

TEST_CASE("metrics are in degrees for angles and do not depend on how batches are cut") {
  const std::vector<OutputConfig> outputs{{"a", Unit::kRadians}, {"b", Unit::kPixels}};
  const auto predicted = torch::tensor({{0.1, 1.0}, {-0.1, 2.0}, {0.3, -3.0}}, torch::kFloat);
  const auto targets = torch::zeros({3, 2});
  MetricSums whole(outputs);
  whole.add(predicted, labelled(targets), 5.0);
  MetricSums parts(outputs);
  parts.add(predicted.slice(0, 0, 1), labelled(targets.slice(0, 0, 1)), 3.0);
  MetricSums resumed(outputs);  // as after an interruption
  resumed.set_state(parts.state());
  resumed.add(predicted.slice(0, 1), labelled(targets.slice(0, 1)), 6.0);
  const MetricValues values = whole.values();
  CHECK(values.output_mae[0] == Approx(0.5 / 3 * 57.29577951308232));
  CHECK(values.output_mae[1] == Approx(2.0));
  CHECK(values.output_mse[1] == Approx(14.0 / 3));
  CHECK(values.mae == Approx((values.output_mae[0] + values.output_mae[1]) / 2));
  CHECK(resumed.values().loss == Approx(5.0));
  CHECK(resumed.values().output_mae[0] == Approx(values.output_mae[0]));
}

}  // namespace
}  // namespace mobireg
