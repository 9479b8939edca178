#pragma once

#include <string>

#include "deploy/hashed_network.h"
#include "deploy/onnx_writer.h"
#include "mobireg/config/run_config.h"

namespace mobireg {

inline ModelCard some_card() {
  ModelCard card;
  card.model = resolve_config(ModelConfig{});
  return card;
}

inline std::string onnx_of(const Network& network, const OnnxOptions& options = {}) {
  return to_onnx(network, some_card(), options);
}

/// As a quantiser leaves a network for ONNX: what is never negative is rounded to 0 to 255.
inline Network rounded_for_onnx(Network network) {
  round_to_int8(network);
  for (std::size_t i = 1; i < network.convolutions.size(); ++i) {
    network.convolutions[i].int8->input_unsigned = true;
    network.convolutions[i].int8->input_scale = 6.0F / 255;
  }
  network.pool_input_scale = 6.0F / 255;
  for (NetworkHead& head : network.heads) {
    if (head.layers.size() < 2) continue;
    head.layers[0].int8->input_unsigned = true;
    head.layers[0].int8->input_scale = 3.0F / 255;
    head.layers[1].input_scale = 8.0F / 255;
  }
  return network;
}

}  // namespace mobireg
