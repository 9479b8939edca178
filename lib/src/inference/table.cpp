#include "inference/declarations.h"
#include "inference/tile.h"

#define MOBIREG_TEXT_OF(word) #word
#define MOBIREG_TEXT(macro) MOBIREG_TEXT_OF(macro)

namespace mobireg::MOBIREG_ISA {

extern const InferenceKernels inference_table;
const InferenceKernels inference_table = {
    MOBIREG_TEXT(MOBIREG_ISA),
    kLanes,
    kPanel,
    infer_normalize,
    infer_quantize,
    infer_first_convolution,
    infer_separable_block,
    infer_pool,
    infer_hidden,
    infer_output,
};

}  // namespace mobireg::MOBIREG_ISA
