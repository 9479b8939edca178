#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>

#include "mobireg/deploy/model_card.h"

namespace mobireg {

struct ExportOptions {
  std::filesystem::path output;
  bool normalization_inside = true;  // false: the caller feeds (pixel - mean) / scale
  bool overwrite = false;
};

struct ExportResult {
  ModelCard card;
  std::uintmax_t file_size = 0;  // bytes
  std::int64_t images = 0;       // compared
  double max_difference = 0;     // of any output, in report units (degrees for angles)
  double mean_difference = 0;
};

/// Writes a checkpoint's network as TorchScript: evaluation mode, batch normalisation folded,
/// frozen, the model card as the extra file `model_card.json`. Before it stands under its name, it
/// is loaded again and compared with the checkpoint's network on `images`, and on black, white and
/// noise: every output within 1e-4 (1 + |y|).
/// images: (N, channels, size, size) float of 0 to 255; N may be 0.
/// Throws Error when they differ by more (no file is left), or when something cannot be read or
/// written.
ExportResult export_torchscript(const std::filesystem::path& checkpoint, const at::Tensor& images,
                                const ExportOptions& options);

}  // namespace mobireg
