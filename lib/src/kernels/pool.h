#pragma once

#include "kernels/isa.h"
#include "kernels/stored.h"

namespace mobireg::MOBIREG_ISA {

void pool_forward(const PoolForwardOf<Stored>& call);
void pool_backward(const PoolBackwardOf<Stored>& call);

}  // namespace mobireg::MOBIREG_ISA
