#pragma once

#include "kernels/isa.h"
#include "kernels/kernels.h"

namespace mobireg::MOBIREG_ISA {

void pool_forward(const PoolForward& call);
void pool_backward(const PoolBackward& call);

}  // namespace mobireg::MOBIREG_ISA
