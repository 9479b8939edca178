#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "mobireg/config/model_config.h"
#include "mobireg/model/regressor.h"

namespace mobireg {

/// A convolution with its batch normalisation folded in, followed by ReLU6.
struct FoldedConvolution {
  std::string name;
  at::Tensor weight;  // (out, in / groups, kernel, kernel) float
  at::Tensor bias;    // (out) float
  int stride = 1;
  int groups = 1;
  int pad_begin = 0;  // zeros at the top and the left
  int pad_end = 0;    // zeros at the bottom and the right
};

struct FoldedDense {
  std::string name;
  at::Tensor weight;  // (out, in) float
  at::Tensor bias;    // (out) float
};

/// One hidden layer with ReLU, or none; then the output layer.
struct FoldedHead {
  std::vector<FoldedDense> layers;
};

/// The network as inference needs it, the one form that every exporter writes from.
struct FoldedNetwork {
  ModelConfig config;
  std::vector<FoldedConvolution> convolutions;
  int pool_size = 0;  // the whole last map, pixels a side
  std::vector<FoldedHead> heads;
};

/// Folds in double precision.
FoldedNetwork fold(const Regressor& network);

}  // namespace mobireg
