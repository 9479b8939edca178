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
std::int64_t pointwise_factors(const PointwiseShape& shape, std::int64_t rows);

/// Products: DotProducts or Amx.
template <class Products>
void pointwise_forward(const PointwiseForwardOf<Bfloat16>& call);
template <class Products>
void pointwise_backward(const PointwiseBackwardOf<Bfloat16>& call);
template <class Products>
void pointwise_weight_gradient(const PointwiseWeightGradient& call);

}  // namespace mobireg::MOBIREG_ISA
