#include "kernels/depthwise.h"
#include "kernels/depthwise_gradient.h"

namespace mobireg::MOBIREG_ISA {
namespace {

constexpr int kBlock = kParts == 1 ? 2 : 4;  // pixels at a time: what the registers hold

template <bool kWhole>
struct Backward {
  const GradientImage& image;
  GradientPart parts[kParts];

  MOBIREG_INLINE void begin(const DepthwiseBackwardOf<Stored>& call, std::int64_t slice) {
#pragma GCC unroll 4
    for (int part = 0; part < kParts; ++part) parts[part].template begin<kWhole>(call, slice, part);
  }

  MOBIREG_INLINE void end(const SliceSums& sums, bool first_tile) const {
#pragma GCC unroll 4
    for (int part = 0; part < kParts; ++part) {
      const GradientPart& from = parts[part];
#pragma GCC unroll 9
      for (int k = 0; k < 9; ++k) sums.dw.template add<kWhole>(k, part, from.dw[k]);
      if (first_tile) {
        sums.sum.template store<kWhole>(0, part, from.sum);
        sums.product.template store<kWhole>(0, part, from.product);
      } else {
        sums.sum.template add<kWhole>(0, part, from.sum);
        sums.product.template add<kWhole>(0, part, from.product);
      }
    }
  }

  MOBIREG_INLINE void make_dz_row(std::int64_t row, float* dz) const {
    for (std::int64_t j = 0; j < image.z_width; ++j) {
      const std::int64_t pixel = row * image.z_width + j;
      image.g.prefetch_for_reading(pixel);
      image.z.prefetch_for_reading(pixel);
#pragma GCC unroll 4
      for (int part = 0; part < kParts; ++part) {
        store(dz + j * kSlice + part * kLanes,
              parts[part].dz(image.g.template load<kWhole>(pixel, part),
                             image.z.template load<kWhole>(pixel, part)));
      }
    }
  }

  MOBIREG_INLINE void store_x_g(std::int64_t pixel, int part, Vector dy) {
    if (part == 0) {
      image.x.prefetch_for_reading(pixel);
      image.x_g.prefetch_for_writing(pixel);
    }
    const Vector x = image.x.template load<kWhole>(pixel, part);
    image.x_g.template store<kWhole>(pixel, part, parts[part].x_g(dy, x));
  }

  /// Stride 1: kPixels pixels of a row of x. dz: the rows above, here and below, from one pixel
  /// before the first, of which kFirst to kEnd - 1 lie in the image.
  template <int kFirst, int kEnd, int kPixels>
  MOBIREG_INLINE void correlate(const float* const (&dz)[3], std::int64_t first) {
#pragma GCC unroll 4
    for (int part = 0; part < kParts; ++part) {
      GradientPart& here = parts[part];
      Vector y[kPixels];
      Vector dy[kPixels];
#pragma GCC unroll 4
      for (int p = 0; p < kPixels; ++p) {
        y[p] = here.transform.y(image.x.template load<kWhole>(first + p, part));
        dy[p] = Vector{};
      }
#pragma GCC unroll 3
      for (int ky = kFirst; ky < kEnd; ++ky) {
#pragma GCC unroll 6
        for (int column = 0; column < kPixels + 2; ++column) {
          const Vector value = load(dz[ky] + column * kSlice + part * kLanes);
#pragma GCC unroll 4
          for (int p = 0; p < kPixels; ++p) {
            const int kx = column - p;
            if (kx >= 0 && kx < 3) here.add(dy[p], value, y[p], 8 - (3 * ky + kx));
          }
        }
      }
#pragma GCC unroll 4
      for (int p = 0; p < kPixels; ++p) store_x_g(first + p, part, dy[p]);
    }
  }

  template <int kFirst, int kEnd>
  MOBIREG_INLINE void correlate_row(const float* const (&rows)[3], std::int64_t row) {
    const float* dz[3] = {rows[0], rows[1], rows[2]};
    std::int64_t j = 0;
    const auto pass = [&](int pixels) __attribute__((always_inline)) {
      j += pixels;
      for (const float*& at : dz) at += pixels * kSlice;
    };
    const std::int64_t first = row * image.width;
    for (; j + kBlock <= image.width; pass(kBlock)) correlate<kFirst, kEnd, kBlock>(dz, first + j);
    for (; j < image.width; pass(1)) correlate<kFirst, kEnd, 1>(dz, first + j);
  }

  /// Stride 2: the four pixels of x from `first` on, two in each of two rows. above, here: dz from
  /// one pixel before theirs.
  MOBIREG_INLINE void spread(const float* above, const float* here, std::int64_t first) {
    const std::int64_t pixels[4] = {first, first + 1, first + image.width, first + image.width + 1};
#pragma GCC unroll 4
    for (int part = 0; part < kParts; ++part) {
      GradientPart& at = parts[part];
      const Vector dz = load(here + kSlice + part * kLanes);
      const Vector left = load(here + part * kLanes);
      const Vector up = load(above + kSlice + part * kLanes);
      const Vector up_left = load(above + part * kLanes);
      Vector y[4];
      Vector dy[4];
#pragma GCC unroll 4
      for (int p = 0; p < 4; ++p) {
        y[p] = at.transform.y(image.x.template load<kWhole>(pixels[p], part));
        dy[p] = Vector{};
      }
      at.add(dy[0], dz, y[0], 0);
      at.add(dy[0], left, y[0], 2);
      at.add(dy[0], up, y[0], 6);
      at.add(dy[0], up_left, y[0], 8);
      at.add(dy[1], dz, y[1], 1);
      at.add(dy[1], up, y[1], 7);
      at.add(dy[2], dz, y[2], 3);
      at.add(dy[2], left, y[2], 5);
      at.add(dy[3], dz, y[3], 4);
#pragma GCC unroll 4
      for (int p = 0; p < 4; ++p) store_x_g(pixels[p], part, dy[p]);
    }
  }

  /// Rows `begin` to `end` of x.
  MOBIREG_INLINE void run_stride1(const Ring& ring, std::int64_t begin, std::int64_t end) {
    if (begin == 0) make_dz_row(0, ring.slot(0) + kSlice);
    for (std::int64_t row = begin; row < end; ++row) {
      const bool below = row + 1 < ring.height;
      if (below) make_dz_row(row + 1, ring.slot(row + 1) + kSlice);
      const float* const dz[3] = {ring.row(row - 1), ring.row(row), ring.row(row + 1)};
      if (row == 0) {
        correlate_row<1, 3>(dz, row);
      } else if (!below) {
        correlate_row<0, 2>(dz, row);
      } else {
        correlate_row<0, 3>(dz, row);
      }
    }
  }

  /// Rows 2 `begin` to 2 `end` of x.
  MOBIREG_INLINE void run_stride2(const Ring& ring, std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      make_dz_row(row, ring.slot(row) + kSlice);
      const float* above = ring.row(row - 1);
      const float* here = ring.row(row);
      for (std::int64_t j = 0; j < image.z_width; ++j) {
        spread(above + j * kSlice, here + j * kSlice, 2 * (row * image.width + j));
      }
    }
  }
};

/// What of a tile one slice does.
struct SliceWork {
  GradientImage image;  // the first
  SliceSums sums;
  Ring ring;
  std::int64_t slice;
};

/// A slice of all images of a tile.
template <int kStride, bool kWhole>
void backward_tile(const DepthwiseBackwardOf<Stored>& call, const SliceWork& slice,
                   const Tile& whole_tile) {
  // Copies, as stores might change what is behind references.
  GradientImage image = slice.image;
  const Ring ring = slice.ring;
  const Tile tile = whole_tile;
  Backward<kWhole> work{image, {}};
  work.begin(call, slice.slice);
  for (std::int64_t n = tile.first; n < tile.last; ++n) {
    if constexpr (kStride == 1) {
      work.run_stride1(ring, tile.begin, tile.end);
    } else {
      work.run_stride2(ring, tile.begin, tile.end);
    }
    const std::int64_t z_pixels = image.z_width * ring.height;
    image.g.pass(z_pixels);
    image.z.pass(z_pixels);
    image.x.pass(z_pixels * kStride * kStride);
    image.x_g.pass(z_pixels * kStride * kStride);
  }
  work.end(slice.sums, tile.first == 0 && tile.begin == 0);
}

template <int kStride>
void backward(const DepthwiseBackwardOf<Stored>& call) {
  const DepthwiseShape& shape = call.shape;
  const std::int64_t channels = shape.channels;
  const std::int64_t slices = slices_of(channels);
  const std::int64_t z_height = shape.height / kStride;
  const std::int64_t z_width = shape.width / kStride;
  const Images<const Stored> g{call.g, z_height * z_width, z_width, channels};
  const Images<const Stored> z{call.z, z_height * z_width, z_width, channels};
  const Images<const Stored> x{call.x, shape.height * shape.width, kStride * shape.width, channels};
  const InputGradientOf<Stored>& wanted = call.input_gradient;
  const Images<Stored> x_g{wanted.g, x.pixels, x.row_pixels, channels};
  const Tiling tiling(shape, 2 * (x.pixels + z.pixels) * channels);
  const bool for_x = wanted.g != nullptr;
  float* const rings = call.scratch;
  float* const unwanted = rings + tiling.all_floats(slices);
  float* const dw = call.dw != nullptr ? call.dw : unwanted;
  float* const sum = for_x && wanted.sum != nullptr ? wanted.sum : unwanted + 9 * channels;
  float* const product =
      for_x && wanted.product != nullptr ? wanted.product : unwanted + 10 * channels;
  tiling.clear(rings, slices);
  tiling.for_tiles(call.images, z_height, [&](const Tile& tile) {
    for (std::int64_t s = 0; s < slices; ++s) {
      SliceWork work{
          {g.lines(tile, s), z.lines(tile, s), x.lines(tile, s), {}, shape.width, z_width},
          {lines_of(dw, channels, s), lines_of(sum, channels, s), lines_of(product, channels, s)},
          tiling.ring(rings, s, z_height),
          s};
      const int count = work.image.x.count;
      if (for_x) {
        work.image.x_g = x_g.lines(tile, s);
      } else {
        work.image.x_g = {reinterpret_cast<Stored*>(unwanted + 11 * channels), 0, count,
                          reinterpret_cast<Stored*>(unwanted)};
      }
      count == kSlice ? backward_tile<kStride, true>(call, work, tile)
                      : backward_tile<kStride, false>(call, work, tile);
    }
  });
}

}  // namespace

void depthwise_backward(const DepthwiseBackwardOf<Stored>& call) {
  call.shape.stride == 1 ? backward<1>(call) : backward<2>(call);
}

}  // namespace mobireg::MOBIREG_ISA
