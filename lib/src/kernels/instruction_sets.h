#pragma once

namespace mobireg {

/// Of the instruction sets that kernels are compiled for (lib/kernels.cmake), those that this
/// processor runs besides the baseline.
struct InstructionSets {
  bool avx2 = false;    // x86-64-v3
  bool avx512 = false;  // x86-64-v4
};

inline InstructionSets instruction_sets() {
  InstructionSets sets;
#if defined(__x86_64__)
  // What v3 and v4 have besides, no processor with these lacks; not all compilers know the levels'
  // names here.
  sets.avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
              __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  sets.avx512 = sets.avx2 && __builtin_cpu_supports("avx512f") &&
                __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
                __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#endif
  return sets;
}

}  // namespace mobireg
