#pragma once

#include "inference/kernels.h"
#include "kernels/isa.h"

// What InferenceKernels points to, for one instruction set.
namespace mobireg::MOBIREG_ISA {

void infer_normalize(const float* pixels, float mean, float scale, std::int64_t count, float* y);
void infer_quantize(const float* x, const Rounding& rounding, std::int64_t count, float* y);
void infer_first_convolution(const FirstConvolution& layer);
void infer_separable_block(const SeparableBlock& block);
void infer_pool(const Pooling& pooling);
void infer_hidden(const HiddenLayer& hidden);
void infer_output(const OutputLayer& layer);

}  // namespace mobireg::MOBIREG_ISA
