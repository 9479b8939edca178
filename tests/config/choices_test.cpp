#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "config/config_file.h"
#include "config/fields.h"
#include "mobireg/config/run_config.h"

namespace mobireg {
namespace {

using nlohmann::json;

/// Every value of an enum, under its JSON name, goes into the struct and comes out again.
template <class E>
void check_round_trips(const std::string& pointer, E (*value_in)(const RunConfig&),
                       const std::vector<std::pair<std::string, E>>& values) {
  CHECK(values.size() == EnumNames<E>::list.size());
  for (const auto& [name, value] : values) {
    INFO(pointer << " " << name);
    json config = changed(R"({"data": {"test": {"pattern": "a"},
                                       "validation": {"pattern": "a", "csv": "b.csv"}}})");
    config[json::json_pointer(pointer)] = name;
    config["model"]["heads"] = {{{"name", "pose"},
                                 {"outputs", {"pitch", "yaw", "roll"}},
                                 {"uncertainty", name == "heteroscedastic"}}};
    const RunConfig result = run_config_from_json(config.dump(), "run.json");
    CHECK(value_in(result) == value);
    CHECK(json::parse(to_json(result))[json::json_pointer(pointer)] == name);
  }
}

TEST_CASE("every choice survives the way from JSON into the config and back") {
  check_round_trips<ColorMode>("/model/input/color_mode",
                               [](const RunConfig& c) { return c.model.input.color_mode; },
                               {{"rgb", ColorMode::kRgb}, {"grayscale", ColorMode::kGrayscale}});
  check_round_trips<Interpolation>("/model/input/interpolation",
                                   [](const RunConfig& c) { return c.model.input.interpolation; },
                                   {{"nearest", Interpolation::kNearest},
                                    {"bilinear", Interpolation::kBilinear},
                                    {"area", Interpolation::kArea}});
  check_round_trips<ScheduleKind>("/training/optimizer/schedule",
                                  [](const RunConfig& c) { return c.training.optimizer.schedule; },
                                  {{"constant", ScheduleKind::kConstant},
                                   {"step", ScheduleKind::kStep},
                                   {"exponential", ScheduleKind::kExponential},
                                   {"cosine", ScheduleKind::kCosine},
                                   {"one_cycle", ScheduleKind::kOneCycle},
                                   {"plateau", ScheduleKind::kPlateau}});
  check_round_trips<Kernels>("/kernels", [](const RunConfig& c) { return c.kernels; },
                             {{"auto", Kernels::kAuto}, {"aten", Kernels::kAten}});
  check_round_trips<ComputePrecision>(
      "/precision", [](const RunConfig& c) { return c.precision; },
      {{"fp32", ComputePrecision::kFp32}, {"bf16", ComputePrecision::kBf16}});
  check_round_trips<SplitRule>("/data/validation/rule",
                               [](const RunConfig& c) { return c.data.validation.rule; },
                               {{"none", SplitRule::kNone},
                                {"first_fraction", SplitRule::kFirstFraction},
                                {"random_fraction", SplitRule::kRandomFraction},
                                {"pattern", SplitRule::kPattern},
                                {"csv", SplitRule::kCsv}});
  check_round_trips<ImageMode>(
      "/data/mode", [](const RunConfig& c) { return c.data.mode; },
      {{"auto", ImageMode::kAuto}, {"memory", ImageMode::kMemory}, {"stream", ImageMode::kStream}});
  check_round_trips<LossKind>("/training/loss", [](const RunConfig& c) { return c.training.loss; },
                              {{"mse", LossKind::kMse},
                               {"mae", LossKind::kMae},
                               {"huber", LossKind::kHuber},
                               {"wing", LossKind::kWing},
                               {"geodesic", LossKind::kGeodesic},
                               {"heteroscedastic", LossKind::kHeteroscedastic}});
  check_round_trips<OptimizerKind>("/training/optimizer/name",
                                   [](const RunConfig& c) { return c.training.optimizer.name; },
                                   {{"adam", OptimizerKind::kAdam},
                                    {"adamw", OptimizerKind::kAdamW},
                                    {"sgd", OptimizerKind::kSgd},
                                    {"momentum", OptimizerKind::kMomentum},
                                    {"nesterov", OptimizerKind::kNesterov}});
}

}  // namespace
}  // namespace mobireg
