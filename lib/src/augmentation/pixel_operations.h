#pragma once

#include <vector>

#include "mobireg/config/augmentation_config.h"
#include "mobireg/core/random.h"

namespace mobireg {

/// Fills in the ranges that an operation takes and that were left open, and refuses those it does
/// not take; `field` begins the message. Throws Error.
void resolve_pixel_operation(PixelOperationConfig& operation, const char* field);

/// Does the steps, one after the other, to one image in place: `size` x `size` x `channels` (3 or
/// 1) floats, HWC, nominally of 0 to 255, not clipped unless an operation says so. All randomness
/// comes from `random`. `steps` must be resolved. Thread-safe.
void apply_steps(const std::vector<AugmentationStep>& steps, int size, int channels, Random& random,
                 float* pixels);

/// Whether apply_steps would do anything with these numbers.
bool draws_step(const std::vector<AugmentationStep>& steps, Random random);

}  // namespace mobireg
