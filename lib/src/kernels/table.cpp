#include "kernels/depthwise.h"
#include "kernels/first.h"
#include "kernels/isa.h"
#include "kernels/kernels.h"
#include "kernels/pointwise.h"
#include "kernels/pool.h"

#define MOBIREG_TEXT_OF(word) #word
#define MOBIREG_TEXT(macro) MOBIREG_TEXT_OF(macro)

namespace mobireg::MOBIREG_ISA {

extern const Kernels table;
const Kernels table = {
    MOBIREG_TEXT(MOBIREG_ISA),

    pointwise_packed,
    pack_pointwise,
    pack_pointwise_transposed,
    pointwise_block,
    pointwise_scratch,
    pointwise_forward,
    pointwise_backward,

    depthwise_scratch,
    depthwise_forward,
    depthwise_backward,

    first_scratch,
    first_forward,
    first_backward,

    pool_forward,
    pool_backward,

    pack_pointwise_part,
    pack_pointwise_transposed_part,
    pointwise_factors,
    pointwise_weight_gradient,
};

}  // namespace mobireg::MOBIREG_ISA
