#include "mobireg/training/losses.h"

#include <torch/types.h>

#include <algorithm>

#include "mobireg/model/head_outputs.h"
#include "model/rotation_tensors.h"

namespace mobireg {
namespace {

/// Those columns in that order; `all` itself where they are all of it.
at::Tensor select_columns(const at::Tensor& all, const std::vector<std::int64_t>& columns) {
  const auto count = static_cast<std::int64_t>(columns.size());
  const bool in_order = columns.back() - columns.front() + 1 == count &&
                        std::is_sorted(columns.begin(), columns.end());
  if (!in_order) return all.index_select(1, torch::tensor(columns).to(all.device()));
  return count == all.size(1) ? all : all.narrow(1, columns.front(), count);
}

/// The rotations that angles in the outputs' units are.
at::Tensor matrices(const at::Tensor& angles, const std::vector<double>& to_radians) {
  return matrices_from_angles(angles * torch::tensor(to_radians, angles.options()));
}

void append_range(std::vector<std::int64_t>& numbers, int first, int count) {
  for (int i = 0; i < count; ++i) numbers.push_back(first + i);
}

}  // namespace

std::vector<RegressionLoss::Part> RegressionLoss::parts_of(LossKind loss,
                                                           const ModelConfig& model) {
  std::vector<Part> parts;
  const std::vector<HeadColumns> heads = head_columns(model);
  for (std::size_t i = 0; i < heads.size(); ++i) {
    const HeadColumns& head = heads[i];
    Part part;
    part.loss = model.heads[i].loss.value_or(loss);
    part.form = head.form;
    part.output = head.output;
    if (part.form == HeadForm::kRotation || part.loss == LossKind::kGeodesic) {
      for (std::size_t angle = 0; angle < 3; ++angle) {
        part.pose.push_back(head.output + head.pose->places[angle]);
        part.to_radians.push_back(1 / head.pose->from_radians[angle]);
      }
    }
    const bool goes_on = !parts.empty() && !part.is_rotation() && !parts.back().is_rotation() &&
                         parts.back().loss == part.loss;
    if (!goes_on) parts.push_back(std::move(part));
    Part& last = parts.back();
    last.outputs += head.outputs;
    if (last.is_rotation() && last.form == HeadForm::kValues) {
      for (const int place : head.pose->places) last.columns.push_back(head.column + place);
    } else {
      append_range(last.columns, head.column, head.columns);
    }
    if (head.uncertainty) append_range(last.log_variances, head.log_variance(), head.outputs);
  }
  return parts;
}

RegressionLoss::RegressionLoss(const TrainingConfig& training, const ModelConfig& model)
    : parts_(parts_of(training.loss, model)),
      huber_delta_(training.huber_delta),
      wing_width_(training.wing_width),
      wing_curvature_(training.wing_curvature) {
  std::vector<float> weights;
  for (const HeadConfig& head : model.heads) {
    weights.insert(weights.end(), head.outputs.size(), static_cast<float>(head.loss_weight));
  }
  weights_ = torch::tensor(weights);
}

at::Tensor RegressionLoss::operator()(const at::Tensor& raw, const Batch& batch) const {
  return (*this)(raw, batch.targets, batch.present, batch.weights);
}

at::Tensor RegressionLoss::operator()(const at::Tensor& raw, const at::Tensor& targets,
                                      const at::Tensor& present, const at::Tensor& weights) const {
  const at::Tensor labels = targets.to(raw.device());
  std::vector<at::Tensor> parts;
  for (const Part& part : parts_) parts.push_back(each(part, raw, labels));
  at::Tensor all = parts.size() == 1 ? parts[0] : torch::cat(parts, 1);
  all = all * weights_.to(all.device());
  if (weights.defined()) all = all * weights.to(all.device()).unsqueeze(1);
  if (!present.defined()) return all.mean();
  const at::Tensor counts = counted(present.to(all.device()));
  return (all * counts).sum() / counts.sum().clamp_min(1);
}

/// (N, outputs of the part).
at::Tensor RegressionLoss::each(const Part& part, const at::Tensor& raw,
                                const at::Tensor& targets) const {
  if (part.is_rotation()) return rotation_errors(part, raw, targets).expand({-1, part.outputs});
  const at::Tensor error =
      select_columns(raw, part.columns) -
      (part.outputs == targets.size(1) ? targets : targets.narrow(1, part.output, part.outputs));
  if (part.loss == LossKind::kMse) return error.square();
  if (part.loss == LossKind::kHeteroscedastic) {
    const at::Tensor s =
        select_columns(raw, part.log_variances).clamp(-kLargestLogVariance, kLargestLogVariance);
    return 0.5 * (error.square() * (-s).exp() + s);
  }
  const at::Tensor size = error.abs();
  if (part.loss == LossKind::kMae) return size;
  if (part.loss == LossKind::kHuber) {
    const at::Tensor inside = size.clamp_max(huber_delta_);
    return inside * (size - 0.5 * inside);
  }
  const at::Tensor inside = size.clamp_max(wing_width_);
  return wing_width_ * (inside / wing_curvature_).log1p() + (size - inside);
}

/// (N, 1): what each of pitch, yaw and roll counts.
at::Tensor RegressionLoss::rotation_errors(const Part& part, const at::Tensor& raw,
                                           const at::Tensor& targets) {
  const at::Tensor columns = select_columns(raw, part.columns);
  const at::Tensor given = part.form == HeadForm::kRotation ? matrices_from_columns(columns)
                                                            : matrices(columns, part.to_radians);
  const at::Tensor wanted = matrices(select_columns(targets, part.pose), part.to_radians);
  if (part.loss == LossKind::kGeodesic) return angle_between(given, wanted);
  return (given - wanted).square().sum(at::IntArrayRef{1, 2}).unsqueeze(1) / 6;
}

/// `present`, but that of a rotation whole or not at all.
at::Tensor RegressionLoss::counted(const at::Tensor& present) const {
  const auto is_rotation = [](const Part& part) { return part.is_rotation(); };
  if (std::none_of(parts_.begin(), parts_.end(), is_rotation)) return present;
  std::vector<at::Tensor> counts;
  for (const Part& part : parts_) {
    const at::Tensor of_part = present.narrow(1, part.output, part.outputs);
    counts.push_back(part.is_rotation() ? of_part.amin({1}, true).expand({-1, part.outputs})
                                        : of_part);
  }
  return torch::cat(counts, 1);
}

}  // namespace mobireg
