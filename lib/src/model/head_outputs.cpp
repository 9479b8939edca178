#include "mobireg/model/head_outputs.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "mobireg/config/units.h"
#include "mobireg/core/rotation.h"

namespace mobireg {
namespace {

constexpr int kRotationColumns = 6;
constexpr std::array<OutputKind, 3> kPoseKinds{OutputKind::kPitch, OutputKind::kYaw,
                                               OutputKind::kRoll};

std::optional<PosePlaces> pose_places(const OutputConfig* outputs, int count) {
  if (count != 3) return std::nullopt;
  PosePlaces pose;
  for (std::size_t i = 0; i < kPoseKinds.size(); ++i) {
    const OutputConfig* const found =
        std::find_if(outputs, outputs + count,
                     [&](const OutputConfig& output) { return output.kind == kPoseKinds[i]; });
    if (found == outputs + count) return std::nullopt;
    pose.places[i] = static_cast<int>(found - outputs);
    pose.from_radians[i] = unit_factor(Unit::kRadians, found->unit);
  }
  return pose;
}

void decode_pose(const PosePlaces& places, const float* raw, float* outputs) {
  RotationColumns columns;
  std::copy_n(raw, columns.size(), columns.begin());
  const Pose pose = upright_pose_from_rotation(rotation_from_columns(columns));
  const std::array<double, 3> angles{pose.pitch, pose.yaw, pose.roll};
  for (std::size_t i = 0; i < angles.size(); ++i) {
    outputs[places.places[i]] = static_cast<float>(angles[i] * places.from_radians[i]);
  }
}

float sigma_of(float log_variance) {
  return std::exp(0.5F * std::clamp(log_variance, static_cast<float>(-kLargestLogVariance),
                                    static_cast<float>(kLargestLogVariance)));
}

}  // namespace

std::vector<HeadColumns> head_columns(const ModelConfig& model) {
  std::vector<HeadColumns> heads;
  int column = 0;
  int output = 0;
  for (const HeadConfig& config : model.heads) {
    HeadColumns head{config.name, config.form, config.uncertainty, column, 0, output};
    head.outputs = static_cast<int>(config.outputs.size());
    head.columns = config.form == HeadForm::kRotation ? kRotationColumns : head.outputs;
    head.pose = pose_places(model.outputs.data() + output, head.outputs);
    column += head.all_columns();
    output += head.outputs;
    heads.push_back(std::move(head));
  }
  return heads;
}

int raw_column_count(const ModelConfig& model) {
  int count = 0;
  for (const HeadColumns& head : head_columns(model)) count += head.all_columns();
  return count;
}

std::vector<std::string> raw_column_names(const ModelConfig& model) {
  std::vector<std::string> names;
  for (const HeadConfig& head : model.heads) {
    if (head.form == HeadForm::kRotation) {
      for (int i = 0; i < kRotationColumns; ++i) {
        names.push_back(head.name + "_rotation_" + std::to_string(i));
      }
    } else {
      names.insert(names.end(), head.outputs.begin(), head.outputs.end());
    }
    if (!head.uncertainty) continue;
    for (const std::string& output : head.outputs) names.push_back(output + "_log_variance");
  }
  return names;
}

bool gives_outputs(const ModelConfig& model) {
  return std::all_of(model.heads.begin(), model.heads.end(), [](const HeadConfig& head) {
    return head.form == HeadForm::kValues && !head.uncertainty;
  });
}

bool has_uncertainty(const ModelConfig& model) { return !uncertain_outputs(model).empty(); }

std::vector<std::size_t> uncertain_outputs(const ModelConfig& model) {
  std::vector<std::size_t> places;
  for (const HeadColumns& head : head_columns(model)) {
    for (int i = 0; head.uncertainty && i < head.outputs; ++i) {
      places.push_back(static_cast<std::size_t>(head.output + i));
    }
  }
  return places;
}

void decode_row(const std::vector<HeadColumns>& heads, const float* raw, float* outputs,
                float* sigmas) {
  for (const HeadColumns& head : heads) {
    const float* const columns = raw + head.column;
    if (head.form == HeadForm::kRotation) {
      decode_pose(*head.pose, columns, outputs + head.output);
    } else {
      std::copy_n(columns, head.outputs, outputs + head.output);
    }
    if (sigmas == nullptr) continue;
    for (int i = 0; i < head.outputs; ++i) {
      sigmas[head.output + i] = head.uncertainty ? sigma_of(raw[head.log_variance() + i])
                                                 : std::numeric_limits<float>::quiet_NaN();
    }
  }
}

}  // namespace mobireg
