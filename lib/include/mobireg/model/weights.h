#pragma once

#include <torch/nn/module.h>

#include <filesystem>
#include <string>
#include <vector>

#include "mobireg/model/regressor.h"
#include "mobireg/model/safetensors.h"

namespace mobireg {

/// How the names of the weights in training begin, in a checkpoint whose weights are their average.
inline constexpr const char* kTrainingWeights = "training.";

/// How the names of a checkpoint's tensors begin that are no weights of the network.
inline const std::vector<std::string> kNotWeights{
    "optimizer.", "schedule.", "average.", "teaching.", "metrics.", "input.", kTrainingWeights};

/// The input's whitening matrix among them (see Standardizer).
inline constexpr const char* kWhiteningName = "input.whitening";

/// All weights and running statistics of a network under their module names, such as
/// `backbone.conv_dw_1_bn.running_mean`. They share memory with the network.
std::vector<NamedTensor> named_weights(const torch::nn::Module& network);

/// Copies weights into a network. Every one of the network's tensors must be in `file` with the
/// same shape; `file` may have more where `ignore` is a prefix of the name (a checkpoint's
/// optimiser). Throws Error naming `origin` and the tensors that are missing, left over or of
/// another shape.
void load_weights(torch::nn::Module& network, const TensorFile& file, const std::string& origin,
                  const std::vector<std::string>& ignore = {});

/// Begins a network from a weights file: plain safetensors, or a checkpoint's weights. A file
/// without any head (published backbones) leaves the heads as they are. With `parts`, such as
/// `backbone` or `heads.yaw`, the weights whose names begin so are taken, all of them, and nothing
/// else is looked at. Throws Error.
void initialize_from(RegressorImpl& network, const std::filesystem::path& path,
                     const std::vector<std::string>& parts = {});

/// Writes the weights as plain safetensors, with the model's config as metadata `config`.
void save_weights(const RegressorImpl& network, const std::filesystem::path& path);

}  // namespace mobireg
