#pragma once

#include <filesystem>

#include "deploy/hashed_network.h"
#include "deploy/onnx_writer.h"
#include "mobireg/config/run_config.h"
#include "mobireg/core/file.h"

namespace mobireg {

inline ModelCard hashed_card(ModelConfig model, const Network& network) {
  ModelCard card;
  model.input.size = network.input_size;
  model.input.color_mode = network.input_channels == 3 ? ColorMode::kRgb : ColorMode::kGrayscale;
  const InputNormalization& normalization = network.normalization;
  model.input.mean.assign(normalization.mean.begin(), normalization.mean.end());
  model.input.scale.assign(normalization.scale.begin(), normalization.scale.end());
  card.model = resolve_config(std::move(model));
  card.mean = card.model.input.mean;
  card.scale = card.model.input.scale;
  card.checkpoint_sha256 = std::string(64, '0');
  return card;
}

/// An ONNX file of pitch, yaw and roll, its weights from the hash; crop margin 0.25.
inline ModelCard write_pose_file(const std::filesystem::path& path,
                                 HashedNetworkOptions options = {}) {
  options.input_size = 32;
  const Network network = hashed_network(options);
  ModelConfig model;
  model.alpha = options.alpha;
  ModelCard card = hashed_card(model, network);
  card.training_sets = {{"faces.csv", true, {0.2, 0.3}}};
  write_file_atomically(path, to_onnx(network, card));
  return card;
}

/// The same of 68 points from one head.
inline ModelCard write_landmark_file(const std::filesystem::path& path) {
  HashedNetworkOptions options;
  options.input_size = 32;
  options.heads = {{"landmarks", 16, 136}};
  const Network network = hashed_network(options);
  ModelConfig model;
  model.alpha = options.alpha;
  model.outputs = {{"x{0..67}", Unit::kImage}, {"y{0..67}", Unit::kImage}};
  model.heads = {{"landmarks", {"x{0..67}", "y{0..67}"}, options.heads[0].hidden}};
  const ModelCard card = hashed_card(model, network);
  write_file_atomically(path, to_onnx(network, card));
  return card;
}

}  // namespace mobireg
