#include "training/teacher_mean.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "mobireg/config/run_config.h"
#include "mobireg/core/random.h"
#include "mobireg/core/rotation.h"

namespace mobireg {
namespace {

using Said = std::vector<std::vector<float>>;

ModelConfig model_of(std::vector<OutputConfig> outputs) {
  ModelConfig model;
  model.outputs = std::move(outputs);
  return resolve_config(model);
}

ModelConfig pose_in(Unit unit) {
  return model_of({{"yaw", unit}, {"pitch", unit}, {"roll", unit}});
}

TEST_CASE("plain outputs are averaged as numbers") {
  const OutputStatistics statistics(
      model_of({{"age"}, {"x0", Unit::kImage}, {"y0", Unit::kImage}}));
  const Said said{{10, 0.2F, 0.5F}, {20, 0.4F, 0.5F}};
  const std::vector<float> mean = statistics.mean(said);
  CHECK(mean[0] == 15);
  CHECK(mean[1] == Approx(0.3));
  CHECK(mean[2] == 0.5F);
  const std::vector<double> spread = statistics.spread(said, mean);
  CHECK(spread[0] == 5);
  CHECK(spread[1] == Approx(0.1));
  CHECK(spread[2] == 0);
}

TEST_CASE("one alone is returned bit for bit, without spread") {
  const OutputStatistics statistics(pose_in(Unit::kDegrees));
  const Said said{{123.4F, -170.2F, 99.9F}};
  CHECK(statistics.mean(said) == said[0]);
  CHECK(statistics.spread(said, said[0]) == std::vector<double>{0, 0, 0});
}

TEST_CASE("angles on both sides of 180 degrees meet there") {
  const OutputStatistics statistics(pose_in(Unit::kDegrees));
  const Said said{{0, 0, 179}, {0, 0, -179}};
  const std::vector<float> mean = statistics.mean(said);
  CHECK(std::abs(mean[2]) == Approx(180).margin(1e-3));
  CHECK(statistics.spread(said, mean)[2] == Approx(1).margin(1e-3));
}

TEST_CASE("the mean of poses is the rotation with the least sum of squares to them") {
  const OutputStatistics statistics(pose_in(Unit::kRadians));
  Random random(3);
  const auto draw = [&] {
    return std::vector<float>{static_cast<float>(random.uniform(-1.2, 1.2)),
                              static_cast<float>(random.uniform(-0.6, 0.6)),
                              static_cast<float>(random.uniform(-0.6, 0.6))};
  };
  const auto cost = [](const Said& said, const std::vector<float>& mean) {
    const Rotation to = rotation_from_pose({mean[1], mean[0], mean[2]});
    double sum = 0;
    for (const auto& values : said) {
      const Rotation from = rotation_from_pose({values[1], values[0], values[2]});
      for (std::size_t i = 0; i < 9; ++i) sum += (from[i] - to[i]) * (from[i] - to[i]);
    }
    return sum;
  };
  for (int trial = 0; trial < 20; ++trial) {
    const Said said{draw(), draw(), draw()};
    const std::vector<float> mean = statistics.mean(said);
    for (int i = 0; i < 3; ++i) {
      for (const float step : {-0.01F, 0.01F}) {
        std::vector<float> other = mean;
        other[static_cast<std::size_t>(i)] += step;
        CHECK(cost(said, other) > cost(said, mean));
      }
    }
  }
}

TEST_CASE("faces turned away from the viewer keep a yaw beyond 90 degrees") {
  const OutputStatistics statistics(pose_in(Unit::kDegrees));
  const std::vector<float> mean = statistics.mean({{118, 4, 0}, {122, 6, 0}});
  CHECK(mean[0] == Approx(120).margin(0.1));
  CHECK(mean[1] == Approx(5).margin(0.1));
}

}  // namespace
}  // namespace mobireg
