#pragma once

// Every source of this folder but kernels.cpp is compiled once for each instruction set, with
// MOBIREG_ISA as its namespace. They include no headers with inline functions (the standard
// library's): the linker keeps one copy of those, which might be one the processor cannot run.

#include <cstdint>

#ifndef MOBIREG_ISA
#define MOBIREG_ISA baseline
#endif

#define MOBIREG_INLINE inline __attribute__((always_inline))

namespace mobireg::MOBIREG_ISA {

#if defined(__AVX512F__)
constexpr int kLanes = 16;  // floats in a register
#elif defined(__AVX2__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif

// GCC's and Clang's portable vectors.
typedef float Vector __attribute__((vector_size(kLanes * sizeof(float)), aligned(4), may_alias));

MOBIREG_INLINE Vector load(const float* at) { return *reinterpret_cast<const Vector*>(at); }
MOBIREG_INLINE void store(float* at, Vector value) { *reinterpret_cast<Vector*>(at) = value; }

}  // namespace mobireg::MOBIREG_ISA
