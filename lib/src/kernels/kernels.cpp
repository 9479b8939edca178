#include "kernels/kernels.h"

namespace mobireg {

// Defined by table.cpp, which is compiled once for each.
namespace baseline {
extern const Kernels table;
}
namespace avx2 {
extern const Kernels table;
}
namespace avx512 {
extern const Kernels table;
}

namespace {

struct Supported {
  const Kernels* kernels[3] = {};
  int count = 0;

  Supported() {
    // MOBIREG_X86_KERNELS: the build has them. What x86-64-v3 and v4 have besides, no processor
    // with these lacks; not all compilers know the levels' names here.
#if defined(MOBIREG_X86_KERNELS)
    const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    const bool v4 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                    __builtin_cpu_supports("avx512vl");
    if (v3 && v4) kernels[count++] = &avx512::table;
    if (v3) kernels[count++] = &avx2::table;
#endif
    kernels[count++] = &baseline::table;
  }
};

const Supported& supported() {
  static const Supported all;
  return all;
}

}  // namespace

const Kernels& kernels() { return *supported().kernels[0]; }

const Kernels* const* all_kernels(int& count) {
  count = supported().count;
  return supported().kernels;
}

}  // namespace mobireg
