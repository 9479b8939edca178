#pragma once

#include <string>

namespace mobireg {

/// Of the instruction sets that kernels are compiled for (lib/kernels.cmake), those that are used
/// besides the baseline.
struct InstructionSets {
  bool avx2 = false;    // x86-64-v3
  bool avx512 = false;  // x86-64-v4
};

/// Those that this processor runs, up to the one that the environment's MOBIREG_MAX_ISA names
/// (avx512, avx2 or baseline). Throws Error for any other name.
InstructionSets instruction_sets();

/// `sets` up to the one of that name.
InstructionSets up_to(InstructionSets sets, const std::string& name);

}  // namespace mobireg
