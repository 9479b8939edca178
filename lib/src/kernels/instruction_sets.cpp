#include "kernels/instruction_sets.h"

#include <cstdlib>

#include "core/fail.h"

namespace mobireg {
namespace {

InstructionSets of_processor() {
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

}  // namespace

InstructionSets up_to(InstructionSets sets, const std::string& name) {
  if (name != "avx512" && name != "avx2" && name != "baseline") {
    fail("MOBIREG_MAX_ISA: '{}' is not allowed; it must be avx512, avx2 or baseline", name);
  }
  sets.avx512 = sets.avx512 && name == "avx512";
  sets.avx2 = sets.avx2 && name != "baseline";
  return sets;
}

InstructionSets instruction_sets() {
  const char* most = std::getenv("MOBIREG_MAX_ISA");
  return most == nullptr ? of_processor() : up_to(of_processor(), most);
}

}  // namespace mobireg
