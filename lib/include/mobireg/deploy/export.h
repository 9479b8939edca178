#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "mobireg/deploy/int8.h"
#include "mobireg/deploy/model_card.h"

namespace mobireg {

/// `kNcnn`: NAME.param, NAME.bin beside it, and the model card as NAME.json.
enum class ExportFormat { kTorchScript, kOnnx, kNcnn };

struct ExportOptions {
  std::filesystem::path output;
  std::optional<ExportFormat> format{};  // unset: by the output's suffix, .pt, .onnx or .param
  bool normalization_inside = true;      // false: the caller feeds (pixel - mean) / scale
  bool dynamic_batch = false;            // ONNX: any number of images at once, not one
  bool dense_as_convolution = false;     // ONNX: Dense layers as 1x1 convolutions
  bool fp16 = false;                     // ncnn: weights in half precision
  std::optional<Int8Export> int8{};      // ONNX and ncnn: layers in whole numbers
  bool angles = false;                   // ONNX and TorchScript, in floats: rotations as their
                                         // pitch, yaw and roll in the place of six numbers
  bool uncertainty = true;               // false: without the logarithms of variances
  bool overwrite = false;
};

struct ExportResult {
  ModelCard card;
  std::vector<std::filesystem::path> files;
  std::uintmax_t size = 0;    // bytes, of all files
  std::int64_t images = 0;    // compared
  double max_difference = 0;  // of any output, in report units (degrees for angles)
  double mean_difference = 0;
  std::optional<Int8Report> int8{};
};

/// Writes a checkpoint's network for other programs: evaluation mode, batch normalisation folded,
/// the model card inside or beside it. Before the files stand under their names, they are read
/// again, run (TorchScript by LibTorch, ONNX by OpenCV, ncnn by a reader of its own) and compared
/// with the checkpoint's network on `images`, and on black, white, a white frame and noise: every
/// output within 1e-4 (1 + |y|); with `fp16` within 0.05 degrees in the mean (1e-3 (1 + |y|) for
/// outputs that are no angles). Rotations are compared by the angle between them. With `int8` the
/// file is compared with the int8 network, as with `fp16`, and the errors of that on held-out rows
/// with the checkpoint's. images: (N, channels, size, size) float of 0 to 255; N may be 0. Throws
/// Error when they differ by more (no file is left), when an option is not the format's, or when
/// something cannot be read or written.
ExportResult export_network(const std::filesystem::path& checkpoint, const at::Tensor& images,
                            const ExportOptions& options);

/// The format that `options` ask for. Throws Error when they do not tell, or contradict each other.
ExportFormat export_format(const ExportOptions& options);

/// The card of a checkpoint or of an exported file of any format. Throws Error.
ModelCard read_model_card(const std::filesystem::path& path);

}  // namespace mobireg
