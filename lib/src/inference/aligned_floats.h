#pragma once

#include <cstdint>
#include <memory>

namespace mobireg {

/// Zeroed floats on cache-line boundaries; many of them on large memory pages, where there are
/// such.
class AlignedFloats {
 public:
  AlignedFloats() = default;
  explicit AlignedFloats(std::int64_t count);

  float* data() const { return data_.get(); }

 private:
  struct Free {
    void operator()(float* data) const;
  };
  std::unique_ptr<float, Free> data_;
};

}  // namespace mobireg
