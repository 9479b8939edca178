#pragma once

#include <cstdint>

#include "kernel_test.h"

namespace mobireg::pointwise {

struct Case {
  PointwiseShape shape;
  std::int64_t rows = 1;
};

inline Case case_of(std::int64_t in, std::int64_t out, std::int64_t rows) {
  Case c;
  c.shape.in = in;
  c.shape.out = out;
  c.rows = rows;
  return c;
}

/// What the kernels write.
struct Results {
  Guarded z, shift, sum, square;
  Guarded g, g_sum, product, dw;

  explicit Results(const Case& c)
      : z(c.rows * c.shape.out),
        shift(c.shape.out),
        sum(c.shape.out),
        square(c.shape.out),
        g(c.rows * c.shape.in),
        g_sum(c.shape.in),
        product(c.shape.in),
        dw(c.shape.in * c.shape.out, 0) {}
};

}  // namespace mobireg::pointwise
