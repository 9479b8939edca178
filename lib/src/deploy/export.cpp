#include "mobireg/deploy/export.h"

#include <torch/script.h>

#include <sstream>

#include "core/fail.h"
#include "deploy/folded_network.h"
#include "deploy/torchscript_writer.h"
#include "deploy/trained_network.h"
#include "mobireg/config/units.h"
#include "mobireg/core/file.h"
#include "mobireg/deploy/predictor.h"

namespace mobireg {
namespace {

constexpr double kTolerance = 1e-4;

/// The given images, then black, white and noise.
at::Tensor with_extremes(const at::Tensor& images, const InputConfig& input) {
  const std::vector<std::int64_t> shape{1, input.channels(), input.size, input.size};
  at::Generator generator = at::detail::createCPUGenerator(1);
  std::vector<at::Tensor> all{torch::zeros(shape), torch::full(shape, 255.0),
                              torch::rand(shape, generator) * 255};
  if (images.size(0) > 0) all.insert(all.begin(), images);
  return torch::cat(all);
}

at::Tensor report_factors(const ModelConfig& model) {
  std::vector<double> factors;
  for (const OutputConfig& output : model.outputs) factors.push_back(report_factor(output.unit));
  return torch::tensor(factors, torch::kDouble);
}

/// Compares what was written with the network it came from. Throws Error when they differ.
void verify(const std::filesystem::path& file, TrainedNetwork& trained, const at::Tensor& images,
            ExportResult& result) {
  const torch::NoGradGuard no_grad;
  const Predictor written = Predictor::load(file);
  std::vector<at::Tensor> expected;
  std::vector<at::Tensor> actual;
  for (const at::Tensor& part : with_extremes(images, trained.card.model.input).split(64)) {
    expected.push_back(trained.network(trained.standardizer->apply(part)));
    actual.push_back(written.predict(part));
  }
  const at::Tensor reference = torch::cat(expected).to(torch::kDouble);
  const at::Tensor difference = (torch::cat(actual).to(torch::kDouble) - reference).abs();
  const at::Tensor reported = difference * report_factors(trained.card.model);
  result.images = reference.size(0);
  result.max_difference = reported.max().item<double>();
  result.mean_difference = reported.mean().item<double>();
  // Written so that a NaN fails.
  if (!(difference <= kTolerance * (1 + reference.abs())).all().item<bool>()) {
    fail(
        "the written file's outputs differ from the checkpoint's by up to {:.2e} over {} images; "
        "allowed is {} (1 + |y|); no file was kept",
        difference.max().item<double>(), result.images, kTolerance);
  }
}

/// A graph holds a mean and a scale; the caller of a graph has no whitening matrix.
void check_standardization(const TrainedNetwork& trained, bool inside) {
  const InputConfig& input = trained.card.model.input;
  if (input.zca_whitening) {
    fail(
        "the network's input is ZCA-whitened (model.input.zca_whitening); that cannot be exported");
  }
  if (inside && !trained.standardizer->is_affine()) {
    fail(
        "the network's input is standardised by each image's own statistics "
        "(model.input.samplewise_"
        "...), which cannot be put into the graph; --normalization outside leaves it to the "
        "caller");
  }
}

}  // namespace

ExportResult export_torchscript(const std::filesystem::path& checkpoint, const at::Tensor& images,
                                const ExportOptions& options) {
  if (!options.overwrite && std::filesystem::exists(options.output)) {
    fail("{}: the file exists; --overwrite replaces it", options.output.string());
  }
  TrainedNetwork trained = load_trained_network(checkpoint);
  check_standardization(trained, options.normalization_inside);
  trained.card.normalization_inside = options.normalization_inside;
  torch::jit::Module module = to_torchscript(fold(trained.network), options.normalization_inside);
  std::ostringstream archive;
  module.save(archive, {{kModelCardFile, trained.card.to_json()}});

  ExportResult result{trained.card};
  auto unverified = options.output;
  unverified += ".unverified";
  write_file_atomically(unverified, archive.str());
  try {
    verify(unverified, trained, images, result);
    std::filesystem::rename(unverified, options.output);
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(unverified, ignored);
    throw;
  }
  result.file_size = std::filesystem::file_size(options.output);
  return result;
}

}  // namespace mobireg
