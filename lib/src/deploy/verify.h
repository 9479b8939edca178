#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "deploy/written_heads.h"
#include "mobireg/deploy/model_card.h"

namespace mobireg {

/// (N, channels, size, size) float pixels of 0 to 255 to the raw columns of the card's model,
/// float.
using TensorFunction = std::function<at::Tensor(const at::Tensor& pixels)>;

/// What is compared.
struct VerifiedFile {
  const ModelCard& card;
  HeadAngles angles{};  // of heads whose outputs are angles of one rotation
};

/// How far the outputs of a written file are from those of the network it came from, in report
/// units (degrees for angles).
struct OutputDifference {
  std::int64_t images = 0;
  double max = 0;
  double mean = 0;
};

/// Compares both on `images` (N may be 0), and on black, white, a white frame and noise. Throws
/// Error when they differ by more than a file of the card's precision may (see export_network).
OutputDifference verify_outputs(const VerifiedFile& file, const at::Tensor& images,
                                const TensorFunction& network, const TensorFunction& written);

}  // namespace mobireg
