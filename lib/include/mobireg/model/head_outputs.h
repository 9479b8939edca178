#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "mobireg/config/model_config.h"

namespace at {
class Tensor;
}

namespace mobireg {

// What a network gives, and how the model's outputs are made of it. A network gives raw columns,
// head after head: those of its last Dense, which are its outputs (form `values`) or six numbers
// (form `rotation`: two columns of a matrix, see core/rotation.h); with `uncertainty` the
// logarithms of the variances of its outputs' errors follow. A resolved model is needed throughout.

/// Logarithms of variances are cut off at +-this: standard deviations of 0.0003 to 3000.
inline constexpr double kLargestLogVariance = 16;

/// Where a head's pitch, yaw and roll are among its outputs, and their units.
struct PosePlaces {
  std::array<int, 3> places{};
  std::array<double, 3> from_radians{};  // radians times this are the output's unit
};

/// Where a head's numbers are among the raw columns and its outputs among the model's.
struct HeadColumns {
  std::string name;
  HeadForm form = HeadForm::kValues;
  bool uncertainty = false;
  int column = 0;   // its first
  int columns = 0;  // without the logarithms of variances, which follow
  int output = 0;   // its first
  int outputs = 0;
  std::optional<PosePlaces> pose{};  // where its outputs are one each of pitch, yaw and roll

  int log_variance() const { return column + columns; }  // the first
  int all_columns() const { return columns + (uncertainty ? outputs : 0); }
};

std::vector<HeadColumns> head_columns(const ModelConfig& model);

/// Raw columns; as many as outputs where `gives_outputs`.
int raw_column_count(const ModelConfig& model);

/// `yaw`, `NAME_rotation_0` to `NAME_rotation_5` of the head NAME, `yaw_log_variance`.
std::vector<std::string> raw_column_names(const ModelConfig& model);

/// Whether the raw columns are the outputs.
bool gives_outputs(const ModelConfig& model);

bool has_uncertainty(const ModelConfig& model);

/// The places of the outputs that have a standard deviation.
std::vector<std::size_t> uncertain_outputs(const ModelConfig& model);

/// One row. outputs: one a model's output, in its unit; a rotation's are its upright pose. sigmas:
/// each output's standard deviation in its unit, NaN where there is none; may be null.
void decode_row(const std::vector<HeadColumns>& heads, const float* raw, float* outputs,
                float* sigmas);

/// The same of many rows, with gradient. raw: (N, raw columns), on any device. Returns (N, outputs)
/// of the same type; `raw` itself where `gives_outputs`.
at::Tensor decode_outputs(const at::Tensor& raw, const ModelConfig& model);

/// (N, outputs), NaN where an output has none.
at::Tensor decode_log_variances(const at::Tensor& raw, const ModelConfig& model);

}  // namespace mobireg
