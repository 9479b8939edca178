#pragma once

#include "kernels/isa.h"
#include "kernels/kernels.h"

namespace mobireg::MOBIREG_ISA {

std::int64_t depthwise_scratch(const DepthwiseShape& shape);
void depthwise_forward(const DepthwiseForward& call);
void depthwise_backward(const DepthwiseBackward& call);

}  // namespace mobireg::MOBIREG_ISA
