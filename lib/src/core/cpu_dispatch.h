#pragma once

/// Before a function: compiled for AVX-512, AVX2 and the baseline, the best one chosen when the
/// program is loaded. Elsewhere than on x86-64 the baseline (on Arm: NEON) is what there is.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define MOBIREG_CPU_CLONES \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define MOBIREG_CPU_CLONES
#endif
