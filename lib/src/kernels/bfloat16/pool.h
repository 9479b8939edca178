#pragma once

#include "kernels/bfloat16/stored.h"
#include "kernels/isa.h"

namespace mobireg::MOBIREG_ISA {

void pool_forward(const PoolForwardOf<Stored>& call);
void pool_backward(const PoolBackwardOf<Stored>& call);

}  // namespace mobireg::MOBIREG_ISA
