#pragma once

#include <catch2/catch.hpp>
#include <vector>

#include "deploy/network.h"

namespace mobireg {

inline void check_shape(const ConvolutionLayer& actual, const ConvolutionLayer& expected) {
  const auto shape = [](const ConvolutionLayer& conv) {
    return std::vector{conv.in_channels, conv.out_channels, conv.kernel, conv.stride,
                       conv.groups,      conv.pad_begin,    conv.pad_end};
  };
  CHECK(shape(actual) == shape(expected));
}

inline void check_shape(const DenseLayer& actual, const DenseLayer& expected) {
  CHECK(actual.inputs == expected.inputs);
  CHECK(actual.outputs == expected.outputs);
  CHECK(actual.relu == expected.relu);
  CHECK(actual.input_scale == expected.input_scale);
}

template <class Layer, class CheckWeights>
void check_layers(const std::vector<Layer>& actual, const std::vector<Layer>& expected,
                  const CheckWeights& check_weights) {
  REQUIRE(actual.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(actual[i].name == expected[i].name);
    check_shape(actual[i], expected[i]);
    check_weights(actual[i], expected[i]);
  }
}

/// check_weights(actual, expected) compares the weights of two layers of one kind: what a format
/// may round is its own.
template <class CheckWeights>
void check_network(const Network& actual, const Network& expected,
                   const CheckWeights& check_weights) {
  CHECK(actual.input_size == expected.input_size);
  CHECK(actual.input_channels == expected.input_channels);
  CHECK(actual.normalization.mean == expected.normalization.mean);
  CHECK(actual.normalization.scale == expected.normalization.scale);
  CHECK(actual.pool_size == expected.pool_size);
  CHECK(actual.pool_input_scale == expected.pool_input_scale);
  check_layers(actual.convolutions, expected.convolutions, check_weights);
  REQUIRE(actual.heads.size() == expected.heads.size());
  for (std::size_t i = 0; i < expected.heads.size(); ++i) {
    CHECK(actual.heads[i].name == expected.heads[i].name);
    check_layers(actual.heads[i].layers, expected.heads[i].layers, check_weights);
  }
}

}  // namespace mobireg
