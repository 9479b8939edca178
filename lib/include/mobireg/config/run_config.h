#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "mobireg/config/augmentation_config.h"
#include "mobireg/config/data_config.h"
#include "mobireg/config/model_config.h"
#include "mobireg/config/training_config.h"

namespace mobireg {

/// `kAuto`: mobireg's own kernels where they fit (CPU, float, channels-last), else LibTorch's.
enum class Kernels { kAuto, kAten };

/// What training stores activations and their gradients as, and multiplies: 32-bit floats, or
/// bfloat16, half as long. Weights, statistics, losses and validation are floats in both.
enum class ComputePrecision { kFp32, kBf16 };

/// Everything that describes a run; `configs/*.json` in the same shape. Every field is listed in
/// docs/configuration.md.
struct RunConfig {
  std::filesystem::path run_dir = "runs/run";
  std::uint64_t seed = 1;
  int threads = 0;  // compute threads; 0: measured at the run's start
  Kernels kernels = Kernels::kAuto;
  ComputePrecision precision = ComputePrecision::kFp32;
  ModelConfig model;
  DataConfig data;
  AugmentationConfig augmentation;
  TrainingConfig training;
};

/// Reads a run's JSON file. Paths in it are relative to its folder. `overrides` are `a.b=value`
/// (the value JSON or plain text); paths in them are relative to the current folder. The result is
/// resolved: see `resolve_config`.
/// Throws Error naming the file, the dotted path, the value, what is allowed and, for an unknown
/// field, the nearest known one.
RunConfig load_run_config(const std::filesystem::path& file,
                          const std::vector<std::string>& overrides = {});

/// A config made in another way, with such overrides, resolved. Throws Error; `origin` begins the
/// messages that are not about an override.
RunConfig with_overrides(RunConfig config, const std::vector<std::string>& overrides,
                         const std::string& origin);

/// Checks the fields that depend on each other and fills in what was left open: brace patterns in
/// output names are expanded, their kinds (pitch, yaw and roll of an angle unit; x0, x1, ... and
/// y0, y1, ... of unit image; else plain), heads, y_col and the learning rate are set, mean and
/// scale get one value a channel, pixel operations their ranges, paths become absolute. Throws
/// Error.
RunConfig resolve_config(RunConfig config);

/// The same for a model alone (a library user's, without a run).
ModelConfig resolve_config(ModelConfig config);

/// JSON texts, indented by two spaces. The readers take resolved or unresolved JSON and throw
/// Error; `origin` begins their messages.
std::string to_json(const RunConfig& config);
std::string to_json(const ModelConfig& config);
RunConfig run_config_from_json(const std::string& json, const std::string& origin);
ModelConfig model_config_from_json(const std::string& json, const std::string& origin);

/// The dotted names of fields in which two configs differ, with both values, for messages.
std::vector<std::string> config_differences(const RunConfig& a, const RunConfig& b);

/// docs/configuration.md: every field with type, default, allowed values and meaning.
std::string config_reference();

/// configs/schema.json: a JSON Schema (draft 7) of a run's JSON file, by which editors complete and
/// check it. It knows each field alone; `resolve_config` knows the rules between them.
std::string config_schema();

/// The dotted names of all fields, as `--set` takes them; those of lists' elements are not among
/// them.
std::vector<std::string> config_field_names();

}  // namespace mobireg
