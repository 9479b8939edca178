#include "mobireg/model/head_outputs.h"

#include <torch/types.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "central_differences.h"
#include "mixed_model.h"
#include "mobireg/config/run_config.h"
#include "mobireg/core/random.h"
#include "mobireg/core/rotation.h"
#include "mobireg/model/regressor.h"
#include "mobireg/model/summary.h"
#include "model/rotation_tensors.h"

namespace mobireg {
namespace {

torch::Tensor random_poses(int count, double largest_yaw) {
  Random random(7);
  torch::Tensor poses = torch::empty({count, 3}, torch::kDouble);
  for (int i = 0; i < count; ++i) {
    poses[i][0] = random.uniform(-1.4, 1.4);
    poses[i][1] = random.uniform(-largest_yaw, largest_yaw);
    poses[i][2] = random.uniform(-1.4, 1.4);
  }
  return poses;
}

/// Six numbers of these rotations, of uneven lengths and not at right angles.
torch::Tensor columns_of(const torch::Tensor& poses) {
  const torch::Tensor matrices = matrices_from_angles(poses);
  const torch::Tensor a = matrices.select(2, 0);
  return torch::cat({3 * a, 0.5 * matrices.select(2, 1) - 0.7 * a}, 1);
}

TEST_CASE("raw columns have names, head after head, and places among the outputs") {
  const ModelConfig model = mixed_model(Unit::kRadians);
  CHECK(raw_column_names(model) ==
        std::vector<std::string>{"pose_rotation_0", "pose_rotation_1", "pose_rotation_2",
                                 "pose_rotation_3", "pose_rotation_4", "pose_rotation_5", "x0",
                                 "y0", "x0_log_variance", "y0_log_variance", "age"});
  CHECK(raw_column_count(model) == 11);
  CHECK(uncertain_outputs(model) == std::vector<std::size_t>{3, 4});
  CHECK_FALSE(gives_outputs(model));
  const ModelConfig plain = resolve_config(ModelConfig{});
  CHECK(gives_outputs(plain));
  CHECK(raw_column_names(plain) == std::vector<std::string>{"pitch", "yaw", "roll"});
  CHECK_FALSE(has_uncertainty(plain));
}

TEST_CASE("raw columns are decoded to the outputs' order and units, as tensors and row by row") {
  const ModelConfig model = mixed_model(Unit::kRadians);
  const torch::Tensor poses = random_poses(200, 99 * M_PI / 180);
  const torch::Tensor others = torch::randn({200, 5}, torch::kDouble) * 3;
  const torch::Tensor raw = torch::cat({columns_of(poses), others}, 1).to(torch::kFloat);
  const torch::Tensor outputs = decode_outputs(raw, model);
  const double degrees = 180 / M_PI;
  CHECK(outputs.sizes() == at::IntArrayRef({200, 6}));
  CHECK(torch::allclose(outputs.select(1, 0).to(torch::kDouble), poses.select(1, 1) * degrees, 0,
                        1e-3));
  CHECK(torch::allclose(outputs.select(1, 1).to(torch::kDouble), poses.select(1, 0), 0, 1e-5));
  CHECK(torch::allclose(outputs.select(1, 2).to(torch::kDouble), poses.select(1, 2) * degrees, 0,
                        1e-3));
  CHECK(torch::equal(outputs.slice(1, 3, 5), raw.slice(1, 6, 8)));
  CHECK(torch::equal(outputs.select(1, 5), raw.select(1, 10)));
  const torch::Tensor log_variances = decode_log_variances(raw, model);
  torch::Tensor rows = torch::empty_like(outputs);
  torch::Tensor sigmas = torch::empty_like(outputs);
  for (std::int64_t i = 0; i < raw.size(0); ++i) {
    decode_row(head_columns(model), raw[i].data_ptr<float>(), rows[i].data_ptr<float>(),
               sigmas[i].data_ptr<float>());
  }
  CHECK(torch::allclose(rows, outputs, 1e-6, 1e-7));
  CHECK(torch::allclose(sigmas, (0.5 * log_variances).exp(), 1e-6, 0, /*equal_nan=*/true));
  CHECK(sigmas[0].isnan().sum().item<std::int64_t>() == 4);
  CHECK(sigmas[0][3].item<float>() == Approx(std::exp(0.5 * raw[0][8].item<double>())));
}

TEST_CASE("a logarithm of a variance is cut off before it overflows") {
  const ModelConfig model = mixed_model(Unit::kRadians);
  torch::Tensor raw = torch::zeros({1, 11});
  raw[0][8] = 1000;
  raw[0][9] = -1000;
  std::vector<float> outputs(6), sigmas(6);
  decode_row(head_columns(model), raw.data_ptr<float>(), outputs.data(), sigmas.data());
  CHECK(sigmas[3] == Approx(std::exp(8.0)));
  CHECK(sigmas[4] == Approx(std::exp(-8.0)));
}

TEST_CASE("where raw columns are the outputs, they are not copied") {
  const torch::Tensor raw = torch::rand({2, 3});
  CHECK(decode_outputs(raw, resolve_config(ModelConfig{})).is_same(raw));
}

TEST_CASE("decoding has the gradient of its formula (central differences, double)") {
  const ModelConfig model = mixed_model(Unit::kRadians);
  const torch::Tensor poses = random_poses(4, 99 * M_PI / 180);
  const torch::Tensor raw =
      torch::cat({columns_of(poses), torch::randn({4, 5}, torch::kDouble)}, 1);
  const torch::Tensor factors = torch::randn({4, 6}, torch::kDouble);
  const auto value = [&](const torch::Tensor& at) {
    return (decode_outputs(at, model) * factors).sum();
  };
  check_gradient(value, raw, 1e-6);
}

TEST_CASE("tensors of rotations agree with those of one") {
  Random random(5);
  for (int i = 0; i < 100; ++i) {
    const Pose pose{random.uniform(-3.1, 3.1), random.uniform(-3.1, 3.1),
                    random.uniform(-3.1, 3.1)};
    const Rotation expected = rotation_from_pose(pose);
    const torch::Tensor angles =
        torch::tensor({pose.pitch, pose.yaw, pose.roll}, torch::kDouble).view({1, 3});
    const torch::Tensor matrix = matrices_from_angles(angles);
    CHECK(torch::allclose(matrix.flatten(),
                          torch::tensor(at::ArrayRef<double>(expected), torch::kDouble), 0, 1e-12));
    const Pose upright = upright_pose_from_rotation(expected);
    CHECK(torch::allclose(upright_angles(matrix).flatten(),
                          torch::tensor({upright.pitch, upright.yaw, upright.roll}, torch::kDouble),
                          0, 1e-9));
  }
}

TEST_CASE("the angle between two rotations is that of the one that takes one to the other") {
  const torch::Tensor start = matrices_from_angles(random_poses(5, 1.5));
  for (const double angle : {0.0, 1e-7, 0.3, 1.5707963, 3.0, 3.1415926, M_PI}) {
    const torch::Tensor turn =
        matrices_from_angles(torch::tensor({{0.0, 0.0, angle}}, torch::kDouble)).expand({5, 3, 3});
    const torch::Tensor found = angle_between(start, start.bmm(turn));
    CHECK(torch::allclose(found, torch::full({5, 1}, angle, torch::kDouble), 0, 1e-8));
  }
}

TEST_CASE("a network gives raw columns, and predicts outputs; both ways of the heads agree") {
  for (const bool training : {false, true}) {
    Regressor together(mixed_model(Unit::kRadians), 4);
    Regressor alone(mixed_model(Unit::kRadians), 4);
    alone->use_fused_kernels(false);
    MobileNet(alone->backbone())->use_fused_kernels(true);
    for (Regressor network : {together, alone}) {
      network->train(training);
      network->reseed_dropout(9);
    }
    const torch::Tensor images = torch::randn({5, 3, 32, 32});
    const torch::Tensor raw = together(images);
    CHECK(raw.sizes() == at::IntArrayRef({5, 11}));
    CHECK(torch::allclose(raw, alone(images), 1e-5, 1e-6));
    if (!training) {
      CHECK(torch::equal(together->predict(images),
                         decode_outputs(raw, mixed_model(Unit::kRadians))));
    }
  }
}

TEST_CASE("an untrained rotation looks straight ahead") {
  Regressor network(mixed_model(Unit::kRadians));
  network->eval();
  const torch::Tensor features = torch::zeros({1, network->backbone()->features()});
  const auto heads = network->named_modules();
  const torch::Tensor raw = heads["heads.pose"]->as<Head>()->forward(features);
  CHECK(torch::equal(raw, torch::tensor({{1.0F, 0.0F, 0.0F, 0.0F, 1.0F, 0.0F}})));
}

TEST_CASE("the summary counts the weights of every column") {
  const ModelSummary summary = summarize(mixed_model(Unit::kRadians));
  std::int64_t parameters = 0;
  Regressor network(mixed_model(Unit::kRadians));
  for (const auto& parameter : network->parameters()) parameters += parameter.numel();
  CHECK(summary.parameters - summary.not_trainable == parameters);
}

}  // namespace
}  // namespace mobireg
