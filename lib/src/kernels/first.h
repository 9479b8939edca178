#pragma once

#include "kernels/isa.h"
#include "kernels/stored.h"

namespace mobireg::MOBIREG_ISA {

std::int64_t first_scratch(const FirstShape& shape);
void first_forward(const FirstForwardOf<Stored>& call);
void first_backward(const FirstBackwardOf<Stored>& call);

}  // namespace mobireg::MOBIREG_ISA
