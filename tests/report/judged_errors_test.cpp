#include "report/judged_errors.h"

#include <torch/types.h>

#include <catch2/catch.hpp>
#include <cmath>

namespace mobireg {
namespace {

const std::vector<OutputConfig> kAngles{{"pitch", Unit::kDegrees, OutputKind::kPitch},
                                        {"yaw", Unit::kRadians, OutputKind::kYaw}};
const std::vector<OutputConfig> kPoints{{"x0", Unit::kImage, OutputKind::kX},
                                        {"y0", Unit::kImage, OutputKind::kY},
                                        {"x1", Unit::kImage, OutputKind::kX},
                                        {"y1", Unit::kImage, OutputKind::kY},
                                        {"age", Unit::kNone, OutputKind::kPlain}};
constexpr double kDegree = 3.14159265358979 / 180;

/// Rows 10, 11, ...; predictions are off by what `errors` says.
JudgedRows judged_of(const at::Tensor& targets, const at::Tensor& errors) {
  JudgedRows judged;
  for (std::int64_t i = 0; i < targets.size(0); ++i) judged.rows.push_back(10 + i);
  judged.targets = targets;
  judged.outputs = targets + errors;
  return judged;
}

TEST_CASE("errors are in degrees whatever the unit, and missing labels have none") {
  const float nan = NAN;
  JudgedRows judged = judged_of(torch::tensor({{10.0F, 0.5F}, {20.0F, -0.5F}}),
                                torch::tensor({{3.0F, 0.1F}, {-5.0F, 0.1F}}));
  judged.targets[1][1] = nan;
  const auto pairs = pairs_by_output(judged, kAngles);
  REQUIRE(pairs.size() == 2);
  const ErrorSummary pitch = summarize_errors(pairs[0]);
  CHECK(pitch.labels == 2);
  CHECK(pitch.mae == Approx(4));
  CHECK(pitch.rmse == Approx(std::sqrt(17.0)));
  CHECK(pitch.median == Approx(4));
  CHECK(pitch.percentile_90 == Approx(4.8));
  CHECK(pitch.bias == Approx(-1));
  CHECK(pitch.largest == Approx(5));
  CHECK(pairs[1].unit == "deg");
  CHECK(summarize_errors(pairs[1]).labels == 1);
  CHECK(summarize_errors(pairs[1]).mae == Approx(0.1 / kDegree).epsilon(1e-5));
}

TEST_CASE("an output without labels has no numbers") {
  const JudgedRows judged = judged_of(torch::full({3, 2}, NAN), torch::zeros({3, 2}));
  const ErrorSummary errors = summarize_errors(pairs_by_output(judged, kAngles)[0]);
  CHECK(errors.labels == 0);
  CHECK(std::isnan(errors.mae));
  CHECK(std::isnan(errors.bias));
}

TEST_CASE("charts pool the coordinates of all points, and leave other outputs alone") {
  const JudgedRows judged = judged_of(torch::zeros({4, 5}), torch::full({4, 5}, 0.5F));
  const auto pairs = pairs_by_chart(judged, kPoints);
  REQUIRE(pairs.size() == 3);
  CHECK(pairs[0].title == "age");
  CHECK(pairs[1].title == "x of all points");
  CHECK(pairs[1].truth.size() == 8);
  CHECK(pairs[2].title == "y of all points");
}

TEST_CASE("errors by the true value are those of the labels in each bin") {
  LabelPairs pairs;
  for (int i = 0; i < 100; ++i) {
    pairs.truth.push_back(i);
    pairs.predicted.push_back(i < 50 ? i + 2 : i - 4);
  }
  const ErrorsByTruth errors = errors_by_truth(pairs, 2);
  CHECK(errors.labels == std::vector<std::int64_t>{50, 50});
  CHECK(errors.mae[0] == Approx(2));
  CHECK(errors.bias[0] == Approx(2));
  CHECK(errors.mae[1] == Approx(4));
  CHECK(errors.bias[1] == Approx(-4));
}

TEST_CASE("bins without labels have no error") {
  LabelPairs pairs;
  pairs.truth = {0, 100};
  pairs.predicted = {1, 101};
  const ErrorsByTruth errors = errors_by_truth(pairs, 3);
  CHECK(errors.labels == std::vector<std::int64_t>{1, 0, 1});
  CHECK(std::isnan(errors.mae[1]));
}

TEST_CASE("the worst rows come first, by the mean over outputs of one unit, in degrees") {
  const JudgedRows judged = judged_of(
      torch::zeros({4, 2}),
      torch::tensor({{1.0F, 0.0F}, {0.0F, float(6 * kDegree)}, {-2.0F, 0.0F}, {1.0F, 0.0F}}));
  const auto worst = worst_rows(judged, kAngles, 3);
  REQUIRE(worst.size() == 3);
  CHECK(worst[0].row == 11);
  CHECK(worst[0].error == Approx(3).epsilon(1e-5));
  CHECK(worst[0].predicted[1] == float(6 * kDegree));
  CHECK(worst[1].row == 12);
  CHECK(worst[2].row == 10);  // the first of equals
  CHECK(worst_rows(judged, kAngles, 99).size() == 4);
}

TEST_CASE("where units differ, each error counts in multiples of its output's") {
  at::Tensor errors = torch::full({4, 5}, 0.01F);
  errors.select(1, 4) = torch::tensor({10.0F, 10.0F, 10.0F, 30.0F});
  errors[0][0] = 0.05F;  // 2.5 times the usual
  const auto worst = worst_rows(judged_of(torch::zeros({4, 5}), errors), kPoints, 4);
  CHECK(!have_one_unit(kPoints));
  CHECK(worst[0].row == 10);
  CHECK(worst[1].row == 13);
  CHECK(worst[1].error == Approx((4 * 1.0 + 2.0 - 0.5) / 5).epsilon(1e-4));
}

TEST_CASE("a row's missing labels do not count against it, and no number is the worst") {
  at::Tensor targets = torch::zeros({3, 2});
  targets[0][1] = NAN;
  at::Tensor errors = torch::tensor({{4.0F, 0.0F}, {3.0F, float(3 * kDegree)}, {0.0F, 0.0F}});
  JudgedRows judged = judged_of(targets, errors);
  CHECK(worst_rows(judged, kAngles, 1)[0].row == 10);
  judged.outputs[2][0] = NAN;
  CHECK(worst_rows(judged, kAngles, 1)[0].row == 12);
}

}  // namespace
}  // namespace mobireg
