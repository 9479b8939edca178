#pragma once

#include <limits>
#include <optional>

#include "mobireg/config/run_config.h"

namespace mobireg {

/// The numbers a field may take.
struct Bound {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_excluded = false;
  bool high_excluded = false;
  const char* text = "";
};

inline constexpr Bound kAny{};
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr Bound kPositive{0, kInfinity, true, false, "above 0"};
inline constexpr Bound kNotNegative{0, kInfinity, false, false, "0 or more"};
inline constexpr Bound kAtLeastOne{1, kInfinity, false, false, "1 or more"};
inline constexpr Bound kBelowOne{0, 1, false, true, "0 up to, not including, 1"};
inline constexpr Bound kFraction{0, 1, true, true, "between 0 and 1"};

template <class T>
inline constexpr bool is_config_struct = false;
template <>
inline constexpr bool is_config_struct<InputConfig> = true;
template <>
inline constexpr bool is_config_struct<OutputConfig> = true;
template <>
inline constexpr bool is_config_struct<HeadConfig> = true;
template <>
inline constexpr bool is_config_struct<ModelConfig> = true;
template <>
inline constexpr bool is_config_struct<SplitConfig> = true;
template <>
inline constexpr bool is_config_struct<DataSetConfig> = true;
template <>
inline constexpr bool is_config_struct<BalanceConfig> = true;
template <>
inline constexpr bool is_config_struct<DataConfig> = true;
template <>
inline constexpr bool is_config_struct<PixelOperationConfig> = true;
template <>
inline constexpr bool is_config_struct<AugmentationStep> = true;
template <>
inline constexpr bool is_config_struct<AugmentationConfig> = true;
template <>
inline constexpr bool is_config_struct<OptimizerConfig> = true;
template <>
inline constexpr bool is_config_struct<CheckpointConfig> = true;
template <>
inline constexpr bool is_config_struct<DistillationConfig> = true;
template <>
inline constexpr bool is_config_struct<UnlabelledConfig> = true;
template <>
inline constexpr bool is_config_struct<TrainingConfig> = true;
template <>
inline constexpr bool is_config_struct<RunConfig> = true;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

}  // namespace mobireg
