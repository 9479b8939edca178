// Learning rates against their formulas, PyTorch's schedulers
// (scripts/reference/torch_schedules.py) and Keras's ReduceLROnPlateau
// (scripts/reference/keras_optimizers.py).

#include "mobireg/training/schedule.h"

#include <torch/types.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "fixture.h"
#include "mobireg/core/error.h"

namespace mobireg {
namespace {

using nlohmann::json;

TrainingConfig training_with(ScheduleKind kind) {
  TrainingConfig training;
  training.epochs = 10;
  training.optimizer.learning_rate = 0.5;
  training.optimizer.schedule = kind;
  training.optimizer.decay_epochs = 3;
  training.optimizer.decay_factor = 0.1;
  return training;
}

constexpr std::int64_t kSteps = 4;  // an epoch

double rate_at(const TrainingConfig& training, std::int64_t step) {
  return LearningRateSchedule(training, kSteps).rate(step);
}

TEST_CASE("without warm-up the rates follow their formulas") {
  CHECK(rate_at(training_with(ScheduleKind::kConstant), 0) == 0.5);
  CHECK(rate_at(training_with(ScheduleKind::kConstant), 1000) == 0.5);

  const TrainingConfig step = training_with(ScheduleKind::kStep);  // every 12 steps
  CHECK(rate_at(step, 11) == 0.5);
  CHECK(rate_at(step, 12) == Approx(0.05));
  CHECK(rate_at(step, 24) == Approx(0.005));

  const TrainingConfig exponential = training_with(ScheduleKind::kExponential);
  CHECK(rate_at(exponential, 0) == 0.5);
  CHECK(rate_at(exponential, 6) == Approx(0.5 / std::sqrt(10)));
  CHECK(rate_at(exponential, 36) == Approx(0.0005));

  const TrainingConfig cosine = training_with(ScheduleKind::kCosine);  // 40 steps
  CHECK(rate_at(cosine, 0) == 0.5);
  CHECK(rate_at(cosine, 10) == Approx(0.25 * (1 + std::sqrt(0.5))));
  CHECK(rate_at(cosine, 20) == Approx(0.25));
  CHECK(rate_at(cosine, 39) == Approx(0.25 * (1 + std::cos(M_PI * 39 / 40))));

  TrainingConfig cycle = training_with(ScheduleKind::kOneCycle);
  cycle.epochs = 9;  // up over 12 steps, down over 24
  CHECK(rate_at(cycle, 0) == Approx(0.02));
  CHECK(rate_at(cycle, 6) == Approx((0.5 + 0.02) / 2));
  CHECK(rate_at(cycle, 12) == Approx(0.5));
  CHECK(rate_at(cycle, 24) == Approx(0.25));
  CHECK(rate_at(cycle, 35) == Approx(0.25 * (1 + std::cos(M_PI * 23 / 24))));
}

TEST_CASE("warm-up rises in a straight line, and the schedule begins after it") {
  for (const ScheduleKind kind :
       {ScheduleKind::kConstant, ScheduleKind::kStep, ScheduleKind::kExponential,
        ScheduleKind::kCosine, ScheduleKind::kPlateau}) {
    TrainingConfig training = training_with(kind);
    training.optimizer.warmup_epochs = 2;  // 8 steps
    CAPTURE(static_cast<int>(kind));
    for (int step = 0; step < 8; ++step) CHECK(rate_at(training, step) == 0.5 * (step + 1) / 8);
    TrainingConfig shorter = training_with(kind);
    shorter.epochs -= 2;
    for (int step = 0; step < 32; ++step) {
      CHECK(rate_at(training, step + 8) == Approx(rate_at(shorter, step)));
    }
  }
}

TEST_CASE("warm-up may be a fraction of an epoch, of less than a step too") {
  TrainingConfig training = training_with(ScheduleKind::kConstant);
  training.optimizer.warmup_epochs = 0.625;  // 2.5 steps
  CHECK(rate_at(training, 0) == Approx(0.2));
  CHECK(rate_at(training, 1) == Approx(0.4));
  CHECK(rate_at(training, 2) == 0.5);
  training.optimizer.warmup_epochs = 0.1;
  CHECK(rate_at(training, 0) == 0.5);
}

TEST_CASE("one_cycle rises over its warm-up, where it has one") {
  TrainingConfig training = training_with(ScheduleKind::kOneCycle);
  training.optimizer.warmup_epochs = 2;
  CHECK(rate_at(training, 0) == Approx(0.02));
  CHECK(rate_at(training, 4) == Approx(0.26));
  CHECK(rate_at(training, 8) == Approx(0.5));
  CHECK(rate_at(training, 24) == Approx(0.25));
}

TEST_CASE("the rates are those of PyTorch's schedulers") {
  const json fixture = read_fixture("torch_schedules.json");
  const std::map<std::string, ScheduleKind> kinds{{"cosine", ScheduleKind::kCosine},
                                                  {"step", ScheduleKind::kStep},
                                                  {"exponential", ScheduleKind::kExponential},
                                                  {"one_cycle", ScheduleKind::kOneCycle}};
  REQUIRE(fixture["rates"].size() == kinds.size());
  for (const auto& [name, kind] : kinds) {
    TrainingConfig training = training_with(kind);
    training.epochs = fixture["epochs"];
    training.optimizer.learning_rate = fixture["learning_rate"];
    training.optimizer.decay_epochs = fixture["decay_epochs"];
    training.optimizer.decay_factor = fixture["decay_factor"];
    if (kind != ScheduleKind::kOneCycle) {
      training.optimizer.warmup_epochs = fixture["warmup_epochs"];
    }
    const LearningRateSchedule schedule(training, fixture["steps_per_epoch"]);
    const auto expected = fixture["rates"][name].get<std::vector<double>>();
    REQUIRE(expected.size() == 40);
    for (std::size_t step = 0; step < expected.size(); ++step) {
      CAPTURE(name, step);
      // PyTorch multiplies rate by rate, which rounds in every step.
      CHECK(schedule.rate(static_cast<std::int64_t>(step)) == Approx(expected[step]).epsilon(1e-9));
    }
  }
}

TrainingConfig plateau_training(const json& keras) {
  TrainingConfig training = training_with(ScheduleKind::kPlateau);
  training.optimizer.learning_rate = keras["learning_rate"];
  training.optimizer.decay_factor = keras["factor"];
  training.optimizer.plateau_patience = keras["patience"];
  return training;
}

TEST_CASE("plateau reduces where Keras's ReduceLROnPlateau does, also after a resume") {
  const json keras = read_fixture("keras_optimizers.json")["plateau"];
  const auto errors = keras["errors"].get<std::vector<double>>();
  const auto rates = keras["rates"].get<std::vector<double>>();
  LearningRateSchedule schedule(plateau_training(keras), kSteps);
  double best = HUGE_VAL;
  for (std::size_t epoch = 0; epoch < errors.size(); ++epoch) {
    CAPTURE(epoch);
    LearningRateSchedule resumed(plateau_training(keras), kSteps);
    resumed.load_state({{}, schedule.state()}, "test");
    schedule = resumed;
    // Keras's rate is a float.
    CHECK(schedule.rate(static_cast<std::int64_t>(epoch) * kSteps) ==
          Approx(rates[epoch]).epsilon(1e-6));
    schedule.end_epoch(static_cast<int>(epoch) + 1, errors[epoch] < best);
    best = std::min(best, errors[epoch]);
  }
}

TEST_CASE("plateau does not wait during warm-up") {
  TrainingConfig training = training_with(ScheduleKind::kPlateau);
  training.optimizer.plateau_patience = 2;
  training.optimizer.warmup_epochs = 3;
  LearningRateSchedule schedule(training, kSteps);
  for (int epoch = 1; epoch <= 4; ++epoch) schedule.end_epoch(epoch, false);
  CHECK(schedule.rate(20) == 0.5);
  schedule.end_epoch(5, false);
  CHECK(schedule.rate(20) == Approx(0.05));
}

TEST_CASE("a plateau's state that is missing is refused; other schedules have none") {
  LearningRateSchedule plateau(training_with(ScheduleKind::kPlateau), kSteps);
  CHECK_THROWS_WITH(plateau.load_state({}, "run"),
                    "run: the tensor schedule.plateau is missing or of another shape");
  LearningRateSchedule cosine(training_with(ScheduleKind::kCosine), kSteps);
  CHECK(cosine.state().empty());
  cosine.load_state({}, "run");
}

TEST_CASE(
    "after the epochs it is planned for, a schedule keeps the rate its last epoch began with") {
  for (const ScheduleKind kind : {ScheduleKind::kCosine, ScheduleKind::kOneCycle}) {
    TrainingConfig planned = training_with(kind);
    TrainingConfig held = planned;
    CHECK(depends_on_length(planned.optimizer));
    held.epochs = 25;
    held.optimizer.schedule_epochs = 10;
    CHECK_FALSE(depends_on_length(held.optimizer));
    for (int step = 0; step < 40; ++step) CHECK(rate_at(held, step) == rate_at(planned, step));
    for (const int step : {40, 41, 99}) CHECK(rate_at(held, step) == rate_at(planned, 36));
    CHECK(rate_at(held, 40) > rate_at(planned, 39));
  }
  for (const ScheduleKind kind : {ScheduleKind::kConstant, ScheduleKind::kStep,
                                  ScheduleKind::kExponential, ScheduleKind::kPlateau}) {
    CHECK_FALSE(depends_on_length(training_with(kind).optimizer));
  }
}

}  // namespace
}  // namespace mobireg
