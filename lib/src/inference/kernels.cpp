#include "inference/kernels.h"

#include "kernels/instruction_sets.h"

namespace mobireg {

// Defined by table.cpp, which is compiled once for each.
namespace baseline {
extern const InferenceKernels inference_table;
}
namespace avx2 {
extern const InferenceKernels inference_table;
}
namespace avx512 {
extern const InferenceKernels inference_table;
}

namespace {

struct Supported {
  const InferenceKernels* kernels[4] = {};

  Supported() {
    int count = 0;
#if defined(MOBIREG_X86_KERNELS)  // the build has them
    const InstructionSets runs = instruction_sets();
    if (runs.avx512) kernels[count++] = &avx512::inference_table;
    if (runs.avx2) kernels[count++] = &avx2::inference_table;
#endif
    kernels[count] = &baseline::inference_table;
  }
};

}  // namespace

const InferenceKernels* const* all_inference_kernels() {
  static const Supported supported;
  return supported.kernels;
}

const InferenceKernels& inference_kernels() { return *all_inference_kernels()[0]; }

}  // namespace mobireg
