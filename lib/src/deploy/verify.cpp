#include "deploy/verify.h"

#include <torch/types.h>

#include <algorithm>

#include "core/fail.h"
#include "mobireg/config/units.h"
#include "mobireg/model/head_outputs.h"
#include "model/rotation_tensors.h"

namespace mobireg {
namespace {

constexpr double kTolerance = 1e-4;
constexpr double kHalfTolerance = 1e-3;
constexpr double kHalfDegrees = 0.05;
constexpr std::int64_t kBatch = 64;

/// The given images, then black, white, a white frame and noise.
at::Tensor with_extremes(const at::Tensor& images, const InputConfig& input) {
  const std::vector<std::int64_t> shape{1, input.channels(), input.size, input.size};
  at::Generator generator = at::detail::createCPUGenerator(1);
  at::Tensor frame = torch::full(shape, 255.0);
  frame.slice(2, 1, -1).slice(3, 1, -1).fill_(0);
  std::vector<at::Tensor> all{torch::zeros(shape), torch::full(shape, 255.0), frame,
                              torch::rand(shape, generator) * 255};
  if (images.size(0) > 0) all.insert(all.begin(), images.to(torch::kFloat));
  return torch::cat(all);
}

/// One number of each image, as the checkpoint's network and as the file has it, in double.
struct ComparedColumn {
  std::string name;
  at::Tensor reference;  // (N)
  at::Tensor difference;
  double factor = 0;   // to report units; 0: not reported
  double degrees = 0;  // of an angle, in one of its units; 0: no angle
};

/// The rotations that a head's outputs are, given as six numbers or as angles.
at::Tensor matrices_of(const HeadColumns& head, const at::Tensor& raw) {
  const at::Tensor columns = raw.narrow(1, head.column, head.columns);
  if (head.form == HeadForm::kRotation) return matrices_from_columns(columns);
  std::vector<at::Tensor> angles;
  for (std::size_t i = 0; i < 3; ++i) {
    angles.push_back(columns.select(1, head.pose->places[i]) / head.pose->from_radians[i]);
  }
  return matrices_from_angles(torch::stack(angles, 1));
}

/// expected, actual: (N, raw columns) double. Of a rotation the angle between the two, in radians.
std::vector<ComparedColumn> compare(const VerifiedFile& file, const at::Tensor& expected,
                                    const at::Tensor& actual) {
  const ModelConfig& model = file.card.model;
  const std::vector<std::string> names = raw_column_names(model);
  std::vector<ComparedColumn> columns;
  for (const HeadColumns& head : head_columns(model)) {
    const bool rotation = head.form == HeadForm::kRotation || file.angles.count(head.name) > 0;
    if (rotation) {
      const at::Tensor angle =
          angle_between(matrices_of(head, expected), matrices_of(head, actual)).squeeze(1);
      const double degrees = report_factor(Unit::kRadians);
      columns.push_back({head.name, torch::zeros_like(angle), angle, degrees, degrees});
    }
    for (int i = rotation ? head.columns : 0; i < head.all_columns(); ++i) {
      const at::Tensor reference = expected.select(1, head.column + i);
      const at::Tensor difference = (actual.select(1, head.column + i) - reference).abs();
      const bool output = i < head.columns;
      const Unit unit = output ? model.outputs[head.output + i].unit : Unit::kNone;
      const double factor = report_factor(unit);
      columns.push_back({names[head.column + i], reference, difference, output ? factor : 0,
                         is_angle(unit) ? factor : 0});
    }
  }
  return columns;
}

/// Written so that a NaN fails.
void check_every_image(const std::vector<ComparedColumn>& columns) {
  bool close = true;
  double largest = 0;
  for (const ComparedColumn& column : columns) {
    const at::Tensor allowed = kTolerance * (1 + column.reference.abs());
    close = close && (column.difference <= allowed).all().item<bool>();
    largest = std::max(largest, column.difference.max().item<double>());
  }
  if (close) return;
  fail(
      "the written file's outputs differ from the checkpoint's by up to {:.2e} over {} images; "
      "allowed is {} (1 + |y|); no file was kept",
      largest, columns[0].reference.size(0), kTolerance);
}

/// Each column's mean. Written so that a NaN fails.
void check_means(const std::vector<ComparedColumn>& columns) {
  for (const ComparedColumn& column : columns) {
    const bool angle = column.degrees > 0;
    const double found =
        angle ? column.difference.mean().item<double>() * column.degrees
              : (column.difference / (1 + column.reference.abs())).mean().item<double>();
    const double allowed = angle ? kHalfDegrees : kHalfTolerance;
    if (found <= allowed) continue;
    fail(
        "the written file's {} differs from the checkpoint's by {:.2e}{} in the mean over {} "
        "images; allowed is {}; no file was kept",
        column.name, found, angle ? " degrees" : " (1 + |y|)", column.reference.size(0), allowed);
  }
}

}  // namespace

OutputDifference verify_outputs(const VerifiedFile& file, const at::Tensor& images,
                                const TensorFunction& network, const TensorFunction& written) {
  const torch::NoGradGuard no_grad;
  std::vector<at::Tensor> expected;
  std::vector<at::Tensor> actual;
  for (const at::Tensor& part : with_extremes(images, file.card.model.input).split(kBatch)) {
    expected.push_back(network(part));
    actual.push_back(written(part));
  }
  const std::vector<ComparedColumn> columns =
      compare(file, torch::cat(expected).to(torch::kDouble), torch::cat(actual).to(torch::kDouble));
  if (file.card.precision == Precision::kFloat32) {
    check_every_image(columns);
  } else {
    check_means(columns);
  }
  std::vector<at::Tensor> reported;
  for (const ComparedColumn& column : columns) {
    if (column.factor > 0) reported.push_back(column.difference * column.factor);
  }
  const at::Tensor all = torch::stack(reported, 1);
  return {all.size(0), all.max().item<double>(), all.mean().item<double>()};
}

}  // namespace mobireg
