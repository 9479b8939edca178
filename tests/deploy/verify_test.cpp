#include "deploy/verify.h"

#include <torch/types.h>

#include <catch2/catch.hpp>
#include <limits>

#include "mobireg/config/run_config.h"
#include "mobireg/core/error.h"

namespace mobireg {
namespace {

/// An angle in radians and a number without unit.
ModelCard some_card(Precision precision) {
  ModelCard card;
  card.model.outputs = {{"yaw", Unit::kRadians}, {"score", Unit::kNone}};
  card.model = resolve_config(card.model);
  card.precision = precision;
  return card;
}

/// Both outputs are the mean pixel / 255, and `yaw` and `score` more.
TensorFunction shifted(double yaw, double score) {
  return [=](const at::Tensor& pixels) {
    return pixels.mean({1, 2, 3}).div(255).view({-1, 1}) + torch::tensor({yaw, score});
  };
}

OutputDifference verify(Precision precision, double yaw, double score, std::int64_t images = 3) {
  return verify_outputs({some_card(precision)}, torch::rand({images, 3, 64, 64}) * 255,
                        shifted(0, 0), shifted(yaw, score));
}

TEST_CASE("differences are reported in degrees, of given images and of extremes") {
  const OutputDifference difference = verify(Precision::kFloat32, 5e-5, 0);
  CHECK(difference.images == 7);
  CHECK(difference.max == Approx(5e-5 * 57.29578).epsilon(0.01));
  CHECK(difference.mean == Approx(difference.max / 2).epsilon(0.01));
  CHECK(verify(Precision::kFloat32, 0, 0, 0).images == 4);
  CHECK(verify(Precision::kFloat32, 0, 0, 100).images == 104);
}

TEST_CASE("a float file may differ by 1e-4 (1 + |y|) in any output, not by more") {
  CHECK_NOTHROW(verify(Precision::kFloat32, 0.9e-4, -0.9e-4));
  CHECK_THROWS_WITH(verify(Precision::kFloat32, 0, 2.2e-4),
                    Catch::StartsWith("the written file's outputs differ from the checkpoint's by "
                                      "up to 2.20e-04 over 7 images; allowed is 0.0001 (1 + |y|)"));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(verify(Precision::kFloat32, nan, 0), Error);
  CHECK_THROWS_AS(verify(Precision::kFloat16, nan, 0), Error);
}

TEST_CASE("a file in half precision may differ by 0.05 degrees in the mean, not by more") {
  CHECK_NOTHROW(verify(Precision::kFloat16, 0.049 / 57.29578, 0.9e-3));
  CHECK_THROWS_WITH(verify(Precision::kFloat16, 0.052 / 57.29578, 0),
                    "the written file's yaw differs from the checkpoint's by 5.20e-02 degrees in "
                    "the mean over 7 images; allowed is 0.05; no file was kept");
  CHECK_THROWS_WITH(verify(Precision::kFloat16, 0, 2.5e-3),
                    Catch::Contains("score differs from the checkpoint's by") &&
                        Catch::Contains("(1 + |y|) in the mean over 7 images; allowed is 0.001"));
}

TEST_CASE("a difference at the border alone is seen") {
  const auto border = [](double weight) {
    return [=](const at::Tensor& pixels) {
      const at::Tensor row = pixels.select(2, 63).mean({1, 2}).view({-1, 1}) * weight;
      return torch::cat({row, row}, 1);
    };
  };
  CHECK_THROWS_AS(verify_outputs({some_card(Precision::kFloat32)}, torch::empty({0, 3, 64, 64}),
                                 border(0), border(1e-5)),
                  Error);
}

/// Three angles in degrees, of all images the same.
TensorFunction constant(double pitch, double yaw, double roll) {
  return [=](const at::Tensor& pixels) {
    return torch::tensor({{pitch, yaw, roll}}).expand({pixels.size(0), 3});
  };
}

TEST_CASE("angles of one rotation are compared by the angle between the rotations") {
  ModelCard card;
  for (OutputConfig& output : card.model.outputs) output.unit = Unit::kDegrees;
  card.model.heads = {{"pose", {"pitch", "yaw", "roll"}}};
  card.model = resolve_config(card.model);
  const VerifiedFile rotations{card, {{"pose", {1, 0, 0, 0, 1, 0, 0, 0, 1}}}};
  const at::Tensor none = torch::empty({0, 3, 64, 64});
  const auto difference = [&](const VerifiedFile& file, const TensorFunction& written) {
    return verify_outputs(file, none, constant(180, 10, -179.999), written).max;
  };
  CHECK(difference(rotations, constant(-180, 10, 180.001)) < 1e-4);
  CHECK(difference(rotations, constant(0, 170, 0.001)) < 1e-4);
  CHECK(difference(rotations, constant(180.004, 10, -179.999)) == Approx(0.004).epsilon(0.02));
  CHECK_THROWS_AS(difference(rotations, constant(180.02, 10, -179.999)), Error);
  CHECK_THROWS_AS(difference({card}, constant(-180, 10, 180.001)), Error);
}

TEST_CASE("logarithms of variances are compared, and are no part of what is reported") {
  ModelCard card;
  card.model.outputs = {{"yaw", Unit::kRadians}};
  card.model.heads = {{"yaw", {"yaw"}}};
  card.model.heads[0].uncertainty = true;
  card.model = resolve_config(card.model);
  const auto verify_by = [&](double yaw, double log_variance) {
    const auto network = [](double a, double b) -> TensorFunction {
      return [=](const at::Tensor& pixels) {
        return torch::tensor({{a, b}}).expand({pixels.size(0), 2});
      };
    };
    return verify_outputs({card}, torch::empty({0, 3, 64, 64}), network(0, 0),
                          network(yaw, log_variance));
  };
  CHECK(verify_by(1e-5, 5e-5).max == Approx(1e-5 * 57.29578).epsilon(0.01));
  CHECK_THROWS_AS(verify_by(0, 2e-4), Error);
}

}  // namespace
}  // namespace mobireg
