// Losses that a head chooses, and those of rotations and uncertain outputs.

#include <torch/types.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "central_differences.h"
#include "mobireg/config/run_config.h"
#include "mobireg/core/random.h"
#include "mobireg/core/rotation.h"
#include "mobireg/model/head_outputs.h"
#include "mobireg/training/losses.h"

namespace mobireg {
namespace {

HeadConfig head_of(std::string name, std::vector<std::string> outputs, LossKind loss,
                   HeadForm form = HeadForm::kValues) {
  HeadConfig head{std::move(name), std::move(outputs), 8};
  head.form = form;
  head.uncertainty = loss == LossKind::kHeteroscedastic;
  head.loss = loss;
  return head;
}

ModelConfig pose_model(LossKind loss, HeadForm form, Unit unit = Unit::kRadians) {
  ModelConfig model;
  model.outputs = {{"pitch", unit}, {"yaw", unit}, {"roll", unit}};
  model.heads = {head_of("pose", {"pitch", "yaw", "roll"}, loss, form)};
  return resolve_config(model);
}

/// Every kind of head next to others, some of one loss side by side.
ModelConfig mixed_model() {
  ModelConfig model;
  model.outputs = {{"a"},
                   {"b"},
                   {"pitch", Unit::kDegrees},
                   {"yaw", Unit::kDegrees},
                   {"roll", Unit::kDegrees},
                   {"c"},
                   {"d"},
                   {"e"},
                   {"f"}};
  model.heads = {
      head_of("ab", {"a", "b"}, LossKind::kHeteroscedastic),
      head_of("pose", {"pitch", "yaw", "roll"}, LossKind::kGeodesic, HeadForm::kRotation),
      head_of("c", {"c"}, LossKind::kHeteroscedastic),
      head_of("d", {"d"}, LossKind::kHeteroscedastic),
      head_of("e", {"e"}, LossKind::kWing),
      head_of("f", {"f"}, LossKind::kMae)};
  model.heads[2].loss_weight = 3;
  return resolve_config(model);
}

TrainingConfig some_training() {
  TrainingConfig training;
  training.huber_delta = 0.7;
  training.wing_width = 0.6;
  training.wing_curvature = 0.2;
  return training;
}

double value_of(const ModelConfig& model, const torch::Tensor& raw, const torch::Tensor& targets,
                const torch::Tensor& present = {}) {
  return RegressionLoss(some_training(), model)(raw, targets, present, {}).item<double>();
}

void check_gradient(const ModelConfig& model, const torch::Tensor& raw,
                    const torch::Tensor& targets) {
  const torch::Tensor present = (torch::arange(targets.numel()) % 5 != 4).to(torch::kDouble);
  const torch::Tensor weights = torch::linspace(0.5, 1.5, raw.size(0), torch::kDouble);
  const RegressionLoss loss(some_training(), model);
  const auto value = [&](const torch::Tensor& at) {
    return loss(at, targets, present.view_as(targets), weights);
  };
  mobireg::check_gradient(value, raw, 1e-8);
}

torch::Tensor randn(std::vector<std::int64_t> shape) { return torch::randn(shape, torch::kDouble); }

TEST_CASE("each loss of each kind of head has the gradient of its formula (central differences)") {
  torch::manual_seed(1);
  check_gradient(pose_model(LossKind::kWing, HeadForm::kValues), randn({4, 3}), randn({4, 3}));
  check_gradient(pose_model(LossKind::kGeodesic, HeadForm::kValues), randn({4, 3}), randn({4, 3}));
  check_gradient(pose_model(LossKind::kGeodesic, HeadForm::kValues, Unit::kDegrees),
                 randn({4, 3}) * 40, randn({4, 3}) * 40);
  check_gradient(pose_model(LossKind::kGeodesic, HeadForm::kRotation), randn({4, 6}),
                 randn({4, 3}));
  check_gradient(pose_model(LossKind::kMse, HeadForm::kRotation), randn({4, 6}), randn({4, 3}));
  check_gradient(pose_model(LossKind::kHeteroscedastic, HeadForm::kValues), randn({4, 6}),
                 randn({4, 3}));
  check_gradient(mixed_model(), randn({5, raw_column_count(mixed_model())}), randn({5, 9}));
}

TEST_CASE("wing is a logarithm up to its width and linear beyond, without a step between") {
  const ModelConfig model = pose_model(LossKind::kWing, HeadForm::kValues);
  const auto wing = [&](double error) {
    return value_of(model, torch::full({1, 3}, error, torch::kDouble),
                    torch::zeros({1, 3}, torch::kDouble));
  };
  CHECK(wing(0.3) == Approx(0.6 * std::log(1 + 0.3 / 0.2)));
  CHECK(wing(-0.3) == Approx(wing(0.3)));
  CHECK(wing(2) == Approx(2 - 0.6 + 0.6 * std::log(1 + 0.6 / 0.2)));
  CHECK(wing(0.6 + 1e-9) == Approx(wing(0.6 - 1e-9)));
}

TEST_CASE("heteroscedastic is the negative log-likelihood, without its constant") {
  const ModelConfig model = pose_model(LossKind::kHeteroscedastic, HeadForm::kValues);
  const torch::Tensor raw = torch::tensor({{0.5, -1.0, 2.0, -2.0, 0.0, 1.5}}, torch::kDouble);
  double expected = 0;
  for (int k = 0; k < 3; ++k) {
    const double e = raw[0][k].item<double>();
    const double variance = std::exp(raw[0][3 + k].item<double>());
    const double density = std::exp(-e * e / (2 * variance)) / std::sqrt(2 * M_PI * variance);
    expected += (-std::log(density) - 0.5 * std::log(2 * M_PI)) / 3;
  }
  CHECK(value_of(model, raw, torch::zeros({1, 3}, torch::kDouble)) == Approx(expected));
}

TEST_CASE("geodesic is the angle of the turn between target and output, in radians") {
  Random random(3);
  for (const HeadForm form : {HeadForm::kValues, HeadForm::kRotation}) {
    for (int i = 0; i < 20; ++i) {
      const Pose target{random.uniform(-1, 1), random.uniform(-1.5, 1.5), random.uniform(-1, 1)};
      const double turn = random.uniform(0, 3.1);
      // The image turned by `turn`: the rotation is multiplied by Rz from the left.
      const Rotation r = rotation_from_pose(target);
      const double c = std::cos(turn), s = std::sin(turn);
      Rotation turned = r;
      for (std::size_t k = 0; k < 3; ++k) {
        turned[k] = c * r[k] + s * r[3 + k];
        turned[3 + k] = c * r[3 + k] - s * r[k];
      }
      const Pose pose = pose_from_rotation(turned);
      const torch::Tensor raw =
          form == HeadForm::kRotation
              ? torch::tensor({turned[0], turned[3], turned[6], turned[1], turned[4], turned[7]},
                              torch::kDouble)
              : torch::tensor({pose.pitch, pose.yaw, pose.roll}, torch::kDouble);
      const torch::Tensor wanted =
          torch::tensor({{target.pitch, target.yaw, target.roll}}, torch::kDouble);
      CHECK(value_of(pose_model(LossKind::kGeodesic, form), raw.unsqueeze(0), wanted) ==
            Approx(turn).margin(1e-7));
      // |R - T|^2 = 8 sin^2(turn / 2)
      if (form == HeadForm::kRotation) {
        CHECK(value_of(pose_model(LossKind::kMse, form), raw.unsqueeze(0), wanted) ==
              Approx(8 * std::pow(std::sin(turn / 2), 2) / 6));
      }
    }
  }
}

TEST_CASE("for small errors the square loss of a rotation is the mean square of the angles") {
  const torch::Tensor targets = torch::zeros({1, 3}, torch::kDouble);
  const Rotation r = rotation_from_pose({0.01, -0.02, 0.015});
  const torch::Tensor raw = torch::tensor({{r[0], r[3], r[6], r[1], r[4], r[7]}}, torch::kDouble);
  CHECK(value_of(pose_model(LossKind::kMse, HeadForm::kRotation), raw, targets) ==
        Approx((0.01 * 0.01 + 0.02 * 0.02 + 0.015 * 0.015) / 3).epsilon(0.01));
}

TEST_CASE("the geodesic gradient is finite at 0 and at 180 degrees, and near them") {
  const ModelConfig model = pose_model(LossKind::kGeodesic, HeadForm::kValues);
  const RegressionLoss loss(some_training(), model);
  for (const auto type : {torch::kFloat, torch::kDouble}) {
    for (const double angle : {0.0, 1e-30, 1e-8, 1e-4, M_PI - 1e-4, M_PI - 1e-7, M_PI}) {
      torch::Tensor raw = torch::tensor({{0.3, 0.2, 0.1 + angle}}, type).requires_grad_(true);
      const torch::Tensor value = loss(raw, torch::tensor({{0.3, 0.2, 0.1}}, type), {}, {});
      value.backward();
      CAPTURE(angle, raw.grad());
      CHECK(value.item<double>() == Approx(angle).margin(1e-6));
      CHECK(raw.grad().isfinite().all().item<bool>());
      CHECK(raw.grad().abs().max().item<double>() <= 2);
    }
  }
}

TEST_CASE("columns that are no rotation have a finite gradient") {
  const ModelConfig model = pose_model(LossKind::kGeodesic, HeadForm::kRotation);
  torch::Tensor raw = torch::tensor({{0., 0., 0., 0., 0., 0.}, {1., 0., 0., 2., 0., 0.}});
  raw.requires_grad_(true);
  RegressionLoss(some_training(), model)(raw, torch::zeros({2, 3}), {}, {}).backward();
  CHECK(raw.grad().isfinite().all().item<bool>());
}

TEST_CASE("a rotation of which one angle is missing does not count at all") {
  const ModelConfig model = pose_model(LossKind::kGeodesic, HeadForm::kValues);
  const torch::Tensor targets = torch::zeros({2, 3}, torch::kDouble);
  const torch::Tensor raw = torch::tensor({{0.0, 0.0, 0.5}, {2.0, 1.0, 1.0}}, torch::kDouble);
  torch::Tensor present = torch::ones({2, 3}, torch::kDouble);
  present[1][0] = 0;
  CHECK(value_of(model, raw, targets, present) == Approx(0.5));
  present[0][2] = 0;
  CHECK(value_of(model, raw, targets, present) == 0);
}

TEST_CASE("heads side by side are the mean of their outputs, each by its own loss and weight") {
  torch::manual_seed(2);
  const ModelConfig model = mixed_model();
  const torch::Tensor raw = randn({6, 9 + 3 + 4});
  const torch::Tensor targets = randn({6, 9});
  double expected = 0;
  std::size_t output = 0;
  const std::vector<HeadColumns> heads = head_columns(model);
  for (std::size_t i = 0; i < heads.size(); ++i) {
    ModelConfig alone;
    alone.outputs.clear();
    for (int k = 0; k < heads[i].outputs; ++k) alone.outputs.push_back(model.outputs[output + k]);
    alone.heads = {model.heads[i]};
    const torch::Tensor columns = raw.narrow(1, heads[i].column, heads[i].all_columns());
    const torch::Tensor labels = targets.narrow(1, heads[i].output, heads[i].outputs);
    expected += value_of(resolve_config(alone), columns, labels) * heads[i].outputs / 9;
    output += static_cast<std::size_t>(heads[i].outputs);
  }
  CHECK(value_of(model, raw, targets) == Approx(expected));
}

}  // namespace
}  // namespace mobireg
