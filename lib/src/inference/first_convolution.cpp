#include "inference/declarations.h"
#include "inference/packing.h"
#include "inference/tile.h"

namespace mobireg::MOBIREG_ISA {

void infer_normalize(const float* pixels, float mean, float scale, std::int64_t count, float* y) {
  for (std::int64_t i = 0; i < count; ++i) y[i] = (pixels[i] - mean) / scale;
}

void infer_quantize(const float* x, const Rounding& rounding, std::int64_t count, float* y) {
  for (std::int64_t i = 0; i < count; ++i) y[i] = quantize(splat(x[i]), rounding)[0];
}

namespace {

template <int Kernel>
MOBIREG_INLINE void convolve(const FirstConvolution& layer) {
  const ActivationMap& output = layer.output;
  const int depth = layer.kernel * layer.kernel * layer.channels;
  for (int row = 0; row < output.height; ++row) {
    const float* line =
        layer.pixels + std::int64_t{row} * layer.stride * layer.channels * layer.width;
    for (int column = 0; column < output.width; column += kTilePixels) {
      const int pixels = smaller(kTilePixels, output.width - column);
      float* y[kTilePixels];
      for (int p = 0; p < pixels; ++p) {
        y[p] = output.data + row * output.row_stride + (column + p) * output.pixel_stride;
      }
      TileInput in{line + column * layer.stride,
                   layer.stride,
                   layer.kernel * layer.channels,
                   layer.kernel,
                   layer.width,
                   nullptr,
                   0};
      const float* weight = layer.weight;
      int width = 0;
      for (int v = 0; v < layer.vectors; v += width) {
        width = panel_width(layer.vectors - v, kPanel);
        fetch_ahead(*layer.stream, layer.weight,
                    Kernel == 3 ? layer.kernel * layer.channels : depth, in);
        run_tile<Kernel>(pixels, width, in, weight, layer.epilogue, v * kLanes, y);
        weight += std::int64_t{depth} * width * kLanes;
      }
    }
  }
}

}  // namespace

void infer_first_convolution(const FirstConvolution& layer) {
  if (layer.kernel == 3) {
    convolve<3>(layer);
  } else {
    convolve<0>(layer);
  }
}

}  // namespace mobireg::MOBIREG_ISA
