// The rules between the fields of how a network is trained.

#include <catch2/catch.hpp>
#include <string>

#include "config/config_file.h"
#include "mobireg/config/run_config.h"
#include "mobireg/core/error.h"

namespace mobireg {
namespace {

using Catch::Message;

TEST_CASE("training fields that contradict each other are refused by name") {
  const auto [changes, message] = GENERATE(table<std::string, std::string>({
      {R"({"training": {"optimizer": {"schedule_epochs": 3}}})",
       "training.optimizer.schedule_epochs: only cosine and one_cycle take it; schedule is "
       "constant"},
      {R"({"training": {"epochs": 5, "optimizer": {"warmup_epochs": 5}}})",
       "training.optimizer.warmup_epochs: 5 is not allowed; it must be less than the 5 epochs of "
       "the schedule"},
      {R"({"training": {"epochs": 9, "optimizer": {"warmup_epochs": 4.5, "schedule": "cosine",
           "schedule_epochs": 4}}})",
       "training.optimizer.warmup_epochs: 4.5 is not allowed; it must be less than the 4 epochs of "
       "the schedule"},
      {R"({"training": {"init_parts": ["backbone"]}})",
       "training.init_parts: it says what to take from training.init_from, which is not given"},
      {R"({"training": {"optimizer": {"decay_factor": 1}}})",
       "training.optimizer.decay_factor: 1 is not allowed; it must be between 0 and 1"},
      {R"({"training": {"optimizer": {"decay_epochs": 0}}})",
       "training.optimizer.decay_epochs: 0 is not allowed; it must be above 0"},
      {R"({"training": {"optimizer": {"plateau_patience": 0}}})",
       "training.optimizer.plateau_patience: 0 is not allowed; it must be 1 or more"},
      {R"({"training": {"optimizer": {"schedule_epochs": -1}}})",
       "training.optimizer.schedule_epochs: -1 is not allowed; it must be 0 or more"},
      {R"({"training": {"optimizer": {"warmup_epochs": -1}}})",
       "training.optimizer.warmup_epochs: -1 is not allowed; it must be 0 or more"},
      {R"({"training": {"optimizer": {"backbone_rate": -1}}})",
       "training.optimizer.backbone_rate: -1 is not allowed; it must be 0 or more"},
      {R"({"training": {"optimizer": {"weight_decay": -1}}})",
       "training.optimizer.weight_decay: -1 is not allowed; it must be 0 or more"},
      {R"({"training": {"optimizer": {"clip_norm": -1}}})",
       "training.optimizer.clip_norm: -1 is not allowed; it must be 0 or more"},
      {R"({"training": {"accumulate": 0}})",
       "training.accumulate: 0 is not allowed; it must be 1 or more"},
      {R"({"training": {"ema_decay": 1}})",
       "training.ema_decay: 1 is not allowed; it must be 0 up to, not including, 1"},
      {R"({"training": {"early_stopping": -1}})",
       "training.early_stopping: -1 is not allowed; it must be 0 or more"},
      {R"({"training": {"freeze_epochs": -1}})",
       "training.freeze_epochs: -1 is not allowed; it must be 0 or more"},
  }));
  CHECK_THROWS_MATCHES(config_with(changes), Error, Message("run.json: " + message));
}

TEST_CASE("each optimiser and schedule has its name, and each optimiser its rate") {
  const auto [name, kind, rate] = GENERATE(table<std::string, OptimizerKind, double>({
      {"adam", OptimizerKind::kAdam, 0.001},
      {"adamw", OptimizerKind::kAdamW, 0.001},
      {"sgd", OptimizerKind::kSgd, 0.01},
      {"momentum", OptimizerKind::kMomentum, 0.01},
      {"nesterov", OptimizerKind::kNesterov, 0.01},
  }));
  const OptimizerConfig optimizer =
      config_with(R"({"training": {"optimizer": {"name": ")" + name + R"("}}})").training.optimizer;
  CHECK(optimizer.name == kind);
  CHECK(optimizer.learning_rate == rate);
  const auto [schedule_name, schedule] = GENERATE(table<std::string, ScheduleKind>({
      {"constant", ScheduleKind::kConstant},
      {"step", ScheduleKind::kStep},
      {"exponential", ScheduleKind::kExponential},
      {"cosine", ScheduleKind::kCosine},
      {"one_cycle", ScheduleKind::kOneCycle},
      {"plateau", ScheduleKind::kPlateau},
  }));
  CHECK(config_with(R"({"training": {"optimizer": {"schedule": ")" + schedule_name + R"("}}})")
            .training.optimizer.schedule == schedule);
}

}  // namespace
}  // namespace mobireg
