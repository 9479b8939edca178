#pragma once

#include "kernels/isa.h"
#include "kernels/kernels.h"

namespace mobireg::MOBIREG_ISA {

std::int64_t pointwise_packed(const PointwiseShape& shape);
void pack_pointwise(const PointwiseShape& shape, const float* weight, float* packed);
void pack_pointwise_transposed(const PointwiseShape& shape, const float* weight, float* packed);
void pack_pointwise_part(const PointwiseShape& shape, const ChannelRange& channels,
                         const float* weight, float* packed);
void pack_pointwise_transposed_part(const PointwiseShape& shape, const ChannelRange& channels,
                                    const float* weight, float* packed);
std::int64_t pointwise_block(const PointwiseShape& shape);
std::int64_t pointwise_scratch(const PointwiseShape& shape, std::int64_t rows);
void pointwise_forward(const PointwiseForward& call);
void pointwise_backward(const PointwiseBackward& call);
std::int64_t pointwise_factors(const PointwiseShape& shape, std::int64_t rows);
void pointwise_weight_gradient(const PointwiseWeightGradient& call);

}  // namespace mobireg::MOBIREG_ISA
