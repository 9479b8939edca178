#pragma once

#include "kernels/isa.h"
#include "kernels/kernels.h"

namespace mobireg::MOBIREG_ISA {

std::int64_t first_scratch(const FirstShape& shape);
void first_forward(const FirstForward& call);
void first_backward(const FirstBackward& call);

}  // namespace mobireg::MOBIREG_ISA
