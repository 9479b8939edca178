#pragma once

#include <vector>

#include "deploy/network.h"
#include "inference/aligned_floats.h"
#include "inference/kernels.h"

namespace mobireg {

/// One image's activations between two layers, with the zeros that the next layer pads them with.
struct MapShape {
  int size = 0;
  int pad_begin = 0;
  int pad_end = 0;
  int channels = 0;  // padded to whole registers

  int side() const { return pad_begin + size + pad_end; }
  std::int64_t floats() const { return std::int64_t{side()} * side() * channels; }

  /// `data` holds images of `floats()` each.
  ActivationMap whole(float* data) const;
  ActivationMap inside(float* data) const;
};

struct PackedHead {
  std::vector<HiddenLayer> hidden;
  OutputLayer output;
  std::vector<Rounding> rounding;  // of each layer's input, the output layer's last
};

/// What the first convolution reads.
struct PackedInput {
  int size = 0;
  int channels = 0;
  int pad_begin = 0;
  int pad_end = 0;
  std::vector<float> mean;   // one a channel
  std::vector<float> scale;  // likewise
  Rounding rounding;
  std::vector<float> levels;  // (channels, 256): what the pixels 0 to 255 become

  int width() const { return pad_begin + size + pad_end; }
};

/// The network as the kernels take it, all that does not change from call to call filled in.
struct PackedNetwork {
  PackedInput input;
  FirstConvolution first;
  std::vector<SeparableBlock> blocks;
  std::vector<MapShape> maps;  // the input of each block, then the pooling's
  /// Blocks from here on have so few pixels an image that they take several images at once.
  std::size_t first_shared = 0;
  float pool_scale = 1;
  std::vector<PackedHead> heads;
  int outputs = 0;
  int widest_dense = 0;  // inputs or outputs, padded

  AlignedFloats memory;
  const float* memory_end = nullptr;
};

/// Throws Error as InferenceEngine's constructor does.
PackedNetwork pack_network(const Network& network, const InferenceKernels& kernels);

}  // namespace mobireg
