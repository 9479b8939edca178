#pragma once

#include "deploy/hashed_network.h"

namespace mobireg {

/// One head without a hidden layer, grey images, two outputs of each input channel.
inline Network landmarks_network() {
  HashedNetworkOptions options;
  options.channels = 1;
  options.input_size = 96;
  options.depth_multiplier = 2;
  options.heads = {"landmarks"};
  options.head_outputs = 136;
  options.hidden = 0;
  return hashed_network(options);
}

inline Network rounded(Network network) {
  round_to_int8(network);
  return network;
}

}  // namespace mobireg
