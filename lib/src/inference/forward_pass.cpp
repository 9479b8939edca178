#include "inference/forward_pass.h"

#include <algorithm>

#if defined(__unix__)
#include <unistd.h>
#endif

namespace mobireg {
namespace {

/// Rows of the first convolution's output for which input is made ready at a time.
constexpr int kFirstRows = 8;

/// Floats of weights to fetch ahead: measured, a quarter of the second cache.
std::int64_t weight_lead() {
  std::int64_t cache = 0;
#if defined(_SC_LEVEL2_CACHE_SIZE)
  cache = sysconf(_SC_LEVEL2_CACHE_SIZE);
#endif
  constexpr std::int64_t kUnknown = 256 << 10;
  return (cache > 0 ? cache : kUnknown) / 4 / static_cast<std::int64_t>(sizeof(float));
}

void read_row(const PackedInput& input, const float* image, int row,
              const InferenceKernels& kernels, float* line) {
  for (int channel = 0; channel < input.channels; ++channel) {
    const float* pixels = image + (std::int64_t{channel} * input.size + row) * input.size;
    kernels.normalize(pixels, input.mean[channel], input.scale[channel], input.size,
                      line + std::int64_t{channel} * input.width() + input.pad_begin);
  }
}

void read_row(const PackedInput& input, const std::uint8_t* image, int row, const InferenceKernels&,
              float* line) {
  const std::uint8_t* pixels = image + std::int64_t{row} * input.size * input.channels;
  for (int channel = 0; channel < input.channels; ++channel) {
    const float* levels = input.levels.data() + 256 * channel;
    float* y = line + std::int64_t{channel} * input.width() + input.pad_begin;
    for (int x = 0; x < input.size; ++x) y[x] = levels[pixels[x * input.channels + channel]];
  }
}

void clear_border(const MapShape& shape, float* data) {
  const std::int64_t row = std::int64_t{shape.side()} * shape.channels;
  const std::int64_t begin = std::int64_t{shape.pad_begin} * shape.channels;
  const std::int64_t end = std::int64_t{shape.pad_end} * shape.channels;
  std::fill_n(data, shape.pad_begin * row, 0.0F);
  data += shape.pad_begin * row;
  for (int y = 0; y < shape.size; ++y, data += row) {
    std::fill_n(data, begin, 0.0F);
    std::fill_n(data + row - end, end, 0.0F);
  }
  std::fill_n(data, shape.pad_end * row, 0.0F);
}

}  // namespace

ForwardPass::ForwardPass(const PackedNetwork& network, const InferenceKernels& kernels,
                         std::int64_t images)
    : network_(network),
      kernels_(kernels),
      images_(images),
      lead_(weight_lead()),
      lines_(input_rows(kFirstRows) * line_floats()),
      features_(images * network.maps.back().channels),
      rounded_(images * network.widest_dense) {
  std::int64_t early = 0;
  std::int64_t shared = 0;
  std::int64_t strip = 0;
  for (std::size_t i = 0; i < network.maps.size(); ++i) {
    std::int64_t& largest = is_shared(i) ? shared : early;
    largest = std::max(largest, network.maps[i].floats());
  }
  for (const SeparableBlock& block : network.blocks) {
    strip = std::max(strip, block.strip_stride * block.strip_rows * block.output.width);
  }
  for (AlignedFloats& map : early_) map = AlignedFloats(early);
  for (AlignedFloats& map : shared_) map = AlignedFloats(images * shared);
  for (AlignedFloats& values : hidden_) values = AlignedFloats(images * network.widest_dense);
  strip_ = AlignedFloats(strip);
}

std::int64_t ForwardPass::line_floats() const {
  return std::int64_t{network_.input.channels} * network_.input.width();
}

int ForwardPass::input_rows(int output_rows) const {
  return (output_rows - 1) * network_.first.stride + network_.first.kernel;
}

/// Whether all images' maps are there at once.
bool ForwardPass::is_shared(std::size_t map) const {
  return map >= network_.first_shared || map + 1 == network_.maps.size();
}

float* ForwardPass::map_data(std::size_t map, std::int64_t image) const {
  if (!is_shared(map)) return early_[map % 2].data();
  return shared_[map % 2].data() + image * network_.maps[map].floats();
}

void ForwardPass::clear_borders(std::size_t map, std::int64_t image, std::int64_t images) const {
  for (std::int64_t i = image; i < image + images; ++i) {
    clear_border(network_.maps[map], map_data(map, i));
  }
}

template <typename Pixel>
void ForwardPass::run(const Pixel* pixels, std::int64_t images, float* outputs, Stopwatch& watch) {
  const PackedInput& input = network_.input;
  const std::int64_t image_floats = std::int64_t{input.channels} * input.size * input.size;
  const std::size_t blocks = network_.blocks.size();
  stream_ = {network_.memory.data(), network_.memory_end, lead_};
  for (std::int64_t image = 0; image < images; ++image) {
    run_first(pixels + image * image_floats, image);
    watch.lap(0);
    for (std::size_t i = 0; i < network_.first_shared; ++i) {
      run_block(i, image, 1);
      watch.lap(1 + i);
    }
  }
  for (std::size_t i = network_.first_shared; i < blocks; ++i) {
    run_block(i, 0, images);
    watch.lap(1 + i);
  }
  run_pool(images);
  watch.lap(1 + blocks);
  run_heads(images, outputs);
  watch.lap(2 + blocks);
}

template void ForwardPass::run(const float*, std::int64_t, float*, Stopwatch&);
template void ForwardPass::run(const std::uint8_t*, std::int64_t, float*, Stopwatch&);

template <typename Pixel>
void ForwardPass::run_first(const Pixel* image, std::int64_t index) {
  clear_borders(0, index, 1);
  const ActivationMap output = network_.maps[0].inside(map_data(0, index));
  FirstConvolution first = network_.first;
  first.pixels = lines_.data();
  first.output = output;
  first.stream = &stream_;
  for (int y = 0; y < output.height; y += kFirstRows) {
    first.output.height = std::min(kFirstRows, output.height - y);
    first.output.data = output.data + y * output.row_stride;
    read_rows(image, y * first.stride - network_.input.pad_begin, input_rows(first.output.height));
    kernels_.first_convolution(first);
  }
}

/// The zeros left and right of the image stay in `lines_` from the start.
template <typename Pixel>
void ForwardPass::read_rows(const Pixel* image, int first_row, int rows) {
  const PackedInput& input = network_.input;
  float* line = lines_.data();
  for (int row = first_row; row < first_row + rows; ++row, line += line_floats()) {
    if (row < 0 || row >= input.size) {
      std::fill_n(line, line_floats(), 0.0F);
      continue;
    }
    read_row(input, image, row, kernels_, line);
    if (input.rounding.steps != 0) kernels_.quantize(line, input.rounding, line_floats(), line);
  }
}

void ForwardPass::run_block(std::size_t index, std::int64_t image, std::int64_t images) {
  clear_borders(index + 1, image, images);
  SeparableBlock block = network_.blocks[index];
  block.input = network_.maps[index].whole(map_data(index, image));
  block.output = network_.maps[index + 1].inside(map_data(index + 1, image));
  block.images = images;
  block.strip = strip_.data();
  block.stream = &stream_;
  kernels_.separable_block(block);
}

void ForwardPass::run_pool(std::int64_t images) {
  const std::size_t last = network_.maps.size() - 1;
  const MapShape& shape = network_.maps[last];
  kernels_.pool({shape.inside(map_data(last, 0)), shape.channels / kernels_.lanes, images,
                 features_.data(), network_.pool_scale});
}

void ForwardPass::run_heads(std::int64_t images, float* outputs) {
  for (const PackedHead& head : network_.heads) {
    const float* x = features_.data();
    for (std::size_t i = 0; i < head.hidden.size(); ++i) {
      HiddenLayer hidden = head.hidden[i];
      hidden.rows = images;
      hidden.x = round_input(head.rounding[i], x, images * hidden.x_stride);
      hidden.y = hidden_[i % 2].data();
      hidden.stream = &stream_;
      kernels_.hidden(hidden);
      x = hidden.y;
    }
    OutputLayer output = head.output;
    output.rows = images;
    output.x = round_input(head.rounding.back(), x, images * output.vectors * kernels_.lanes);
    output.y = outputs;
    output.y_stride = network_.outputs;
    kernels_.output(output);
    outputs += output.outputs;
  }
}

const float* ForwardPass::round_input(const Rounding& rounding, const float* x,
                                      std::int64_t count) {
  if (rounding.steps == 0) return x;
  kernels_.quantize(x, rounding, count, rounded_.data());
  return rounded_.data();
}

}  // namespace mobireg
