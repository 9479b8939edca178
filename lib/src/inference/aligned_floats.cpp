#include "inference/aligned_floats.h"

#include <cstdlib>
#include <cstring>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace mobireg {

AlignedFloats::AlignedFloats(std::int64_t count) {
  constexpr std::size_t kLine = 64;
  constexpr std::size_t kLargePage = 2 << 20;
  const std::size_t bytes = static_cast<std::size_t>(count) * sizeof(float);
  const std::size_t alignment = bytes < kLargePage ? kLine : kLargePage;
  data_.reset(static_cast<float*>(
      std::aligned_alloc(alignment, (bytes + alignment) / alignment * alignment)));
  if (data_ == nullptr) throw std::bad_alloc();
#if defined(__linux__)
  // A hint. Only whole large pages: a part of one would take the memory of all of it.
  madvise(data_.get(), bytes / kLargePage * kLargePage, MADV_HUGEPAGE);
#endif
  std::memset(data_.get(), 0, bytes);
}

void AlignedFloats::Free::operator()(float* data) const { std::free(data); }

}  // namespace mobireg
