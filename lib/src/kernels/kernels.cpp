#include "kernels/kernels.h"

#include "kernels/instruction_sets.h"

#if defined(MOBIREG_BFLOAT16_KERNELS)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

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

// Defined by bfloat16/table.cpp.
namespace avx512bf16 {
extern const KernelsOf<Bfloat16> dot_table;
extern const KernelsOf<Bfloat16> amx_table;
}  // namespace avx512bf16

namespace {

// MOBIREG_X86_KERNELS, MOBIREG_BFLOAT16_KERNELS: the build has them.
struct Supported {
  const Kernels* kernels[3] = {};
  int count = 0;

  Supported() {
#if defined(MOBIREG_X86_KERNELS)
    const InstructionSets runs = instruction_sets();
    if (runs.avx512) kernels[count++] = &avx512::table;
    if (runs.avx2) kernels[count++] = &avx2::table;
#endif
    kernels[count++] = &baseline::table;
  }
};

const Supported& supported() {
  static const Supported all;
  return all;
}

#if defined(MOBIREG_BFLOAT16_KERNELS)

/// Whether the processor has AMX with products of Bfloat16, and the system lets this process use
/// it: Linux must be asked, once for all threads.
bool amx_permitted() {
  constexpr unsigned kProducts = 1U << 22;
  constexpr unsigned kTiles = 1U << 24;
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return false;
  if ((d & kProducts) == 0 || (d & kTiles) == 0) return false;
  constexpr long kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long kTileData = 18;               // XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

#endif

struct SupportedBfloat16 {
  const KernelsOf<Bfloat16>* kernels[2] = {};
  int count = 0;

  SupportedBfloat16() {
#if defined(MOBIREG_BFLOAT16_KERNELS)
    if (!instruction_sets().avx512 || !__builtin_cpu_supports("avx512bf16")) return;
    if (amx_permitted()) kernels[count++] = &avx512bf16::amx_table;
    kernels[count++] = &avx512bf16::dot_table;
#endif
  }
};

}  // namespace

const Kernels& kernels() { return *supported().kernels[0]; }

const Kernels* const* all_kernels(int& count) {
  count = supported().count;
  return supported().kernels;
}

const KernelsOf<Bfloat16>* const* all_bfloat16_kernels(int& count) {
  static const SupportedBfloat16 supported;
  count = supported.count;
  return supported.kernels;
}

const KernelsOf<Bfloat16>* bfloat16_kernels() {
  int count = 0;
  return all_bfloat16_kernels(count)[0];
}

}  // namespace mobireg
