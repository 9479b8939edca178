#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "mobireg/deploy/model_card.h"

namespace mobireg {

struct Network;

/// From `count` images to as many images or rows of outputs, both row-major and without gaps.
/// Thread-safe.
using NetworkFunction = std::function<void(const float* in, std::int64_t count, float* out)>;

/// What `Predictor` runs: (count, channels, size, size) pixels of 0 to 255 to (count, raw columns
/// of the card's model).
struct LoadedNetwork {
  ModelCard card;
  NetworkFunction run;
};

/// The kinds of file this library reads. Throws Error naming the file. There are two definitions:
/// load_network.cpp for the whole library, load_network_board.cpp for the one for boards.
LoadedNetwork load_network(const std::filesystem::path& path);

/// What computes an exported file: the runtime it is meant for (OpenCV, LibTorch), which proves it,
/// or `InferenceEngine`, which is faster and takes all that ends in a network's own layers.
enum class RunBy { kItsRuntime, kEngine };

// Each throws Error naming the file.
LoadedNetwork load_onnx(const std::filesystem::path& path, RunBy by);
LoadedNetwork load_checkpoint(const std::filesystem::path& path);
LoadedNetwork load_torchscript(const std::filesystem::path& path, RunBy by);
LoadedNetwork load_ncnn(const std::filesystem::path& path);

// Two definitions each, as of `load_network`; they throw Error that begins with `origin`.

/// What the caller of a file does that was exported with the normalisation outside: pixels of 0 to
/// 255 to what the network is fed, of the same shape. Throws when the card alone does not tell.
NetworkFunction outside_normalization(const ModelCard& card, const std::string& origin);

/// An ONNX file, in floats or int8, by `InferenceEngine`.
NetworkFunction onnx_by_engine(const std::string& onnx, const std::string& origin);

/// Runs a network by `InferenceEngine`; not in the library for boards.
NetworkFunction engine_function(const Network& network);

/// Throws Error where the network gives anything but numbers for a black image, as it does when its
/// file's weights are damaged.
void check_numbers(const LoadedNetwork& network, const std::string& origin);

/// `network` on what `first` makes of the pixels.
NetworkFunction after(NetworkFunction first, const InputConfig& input, NetworkFunction network);

}  // namespace mobireg
