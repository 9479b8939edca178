#include "deploy/verify.h"

#include <torch/types.h>

#include "core/fail.h"
#include "mobireg/config/units.h"

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

at::Tensor report_factors(const ModelConfig& model) {
  std::vector<double> factors;
  for (const OutputConfig& output : model.outputs) factors.push_back(report_factor(output.unit));
  return torch::tensor(factors, torch::kDouble);
}

/// Each output of each image. Written so that a NaN fails.
void check_every_output(const at::Tensor& difference, const at::Tensor& reference) {
  if ((difference <= kTolerance * (1 + reference.abs())).all().item<bool>()) return;
  fail(
      "the written file's outputs differ from the checkpoint's by up to {:.2e} over {} images; "
      "allowed is {} (1 + |y|); no file was kept",
      difference.max().item<double>(), difference.size(0), kTolerance);
}

/// Each output's mean. Written so that a NaN fails.
void check_means(const at::Tensor& difference, const at::Tensor& reference,
                 const ModelConfig& model) {
  const at::Tensor relative = (difference / (1 + reference.abs())).mean(0);
  const at::Tensor reported = difference.mean(0) * report_factors(model);
  for (std::size_t k = 0; k < model.outputs.size(); ++k) {
    const bool angle = is_angle(model.outputs[k].unit);
    const double found = (angle ? reported : relative)[static_cast<std::int64_t>(k)].item<double>();
    const double allowed = angle ? kHalfDegrees : kHalfTolerance;
    if (found <= allowed) continue;
    fail(
        "the written file's {} differs from the checkpoint's by {:.2e}{} in the mean over {} "
        "images; allowed is {}; no file was kept",
        model.outputs[k].name, found, angle ? " degrees" : " (1 + |y|)", difference.size(0),
        allowed);
  }
}

}  // namespace

OutputDifference verify_outputs(const ModelCard& card, const at::Tensor& images,
                                const TensorFunction& network, const TensorFunction& written) {
  const torch::NoGradGuard no_grad;
  std::vector<at::Tensor> expected;
  std::vector<at::Tensor> actual;
  for (const at::Tensor& part : with_extremes(images, card.model.input).split(kBatch)) {
    expected.push_back(network(part));
    actual.push_back(written(part));
  }
  const at::Tensor reference = torch::cat(expected).to(torch::kDouble);
  const at::Tensor difference = (torch::cat(actual).to(torch::kDouble) - reference).abs();
  if (card.precision == Precision::kFloat32) {
    check_every_output(difference, reference);
  } else {
    check_means(difference, reference, card.model);
  }
  const at::Tensor reported = difference * report_factors(card.model);
  return {reference.size(0), reported.max().item<double>(), reported.mean().item<double>()};
}

}  // namespace mobireg
