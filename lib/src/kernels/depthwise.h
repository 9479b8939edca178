#pragma once

#include "kernels/isa.h"
#include "kernels/stored.h"

namespace mobireg::MOBIREG_ISA {

std::int64_t depthwise_scratch(const DepthwiseShape& shape);
void depthwise_forward(const DepthwiseForwardOf<Stored>& call);
void depthwise_backward(const DepthwiseBackwardOf<Stored>& call);

}  // namespace mobireg::MOBIREG_ISA
