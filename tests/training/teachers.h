#pragma once

#include <torch/nn/modules/batchnorm.h>
#include <torch/types.h>

#include <filesystem>
#include <vector>

#include "mobireg/config/run_config.h"
#include "mobireg/model/regressor.h"
#include "mobireg/model/weights.h"

namespace mobireg {

inline ModelConfig teacher_model(std::vector<OutputConfig> outputs, int size = 32) {
  ModelConfig model;
  model.outputs = std::move(outputs);
  model.input.size = size;
  model.alpha = 0.25;
  return resolve_config(model);
}

/// Writes a network that says the same of every image: output k is `values[k]`.
inline void write_constant_teacher(const std::filesystem::path& path, const ModelConfig& model,
                                   const std::vector<float>& values) {
  const torch::NoGradGuard no_grad;
  Regressor network(model);
  std::size_t k = 0;
  for (auto& parameter : network->named_parameters()) {
    const std::string& name = parameter.key();
    if (name.find(".output.weight") != std::string::npos) parameter.value().zero_();
    if (name.find(".output.bias") == std::string::npos) continue;
    for (std::int64_t i = 0; i < parameter.value().numel(); ++i) {
      parameter.value()[i] = values.at(k++);
    }
  }
  save_weights(*network, path);
}

/// A network whose outputs and features depend on what it sees: its batch normalisation is that of
/// a batch of random images.
inline Regressor sensitive_network(const ModelConfig& model) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(3);
  Regressor network(model);
  for (const auto& module : network->modules()) {
    if (auto* normalization = module->as<torch::nn::BatchNorm2d>()) {
      normalization->options.momentum(1.0);
    }
  }
  const InputConfig& input = model.input;
  const at::Tensor brightness = torch::randn({16, 1, 1, 1});
  const at::Tensor noise = torch::randn({16, input.channels(), input.size, input.size});
  network->use_fused_kernels(false);  // which have Keras's momentum
  network->train();
  network->forward(brightness + noise);
  network->use_fused_kernels(true);
  network->eval();
  return network;
}

/// Writes it.
inline Regressor write_sensitive_teacher(const std::filesystem::path& path,
                                         const ModelConfig& model) {
  Regressor network = sensitive_network(model);
  save_weights(*network, path);
  return network;
}

}  // namespace mobireg
