#include "augmentation/jpeg_compression.h"

#include <array>
#include <csetjmp>
#include <cstdint>
#include <cstdio>  // before jpeglib.h, which needs it
#include <cstdlib>
#include <vector>

#include <jpeglib.h>

#include "core/cpu_dispatch.h"
#include "core/fail.h"

namespace mobireg {
namespace {

/// libjpeg's errors as a jump to `failed`; it would print and exit.
struct ErrorHandler {
  jpeg_error_mgr base;  // first: libjpeg sees only this
  std::jmp_buf failed;
};

jpeg_error_mgr* install(ErrorHandler& handler) {
  jpeg_std_error(&handler.base);
  handler.base.error_exit = [](j_common_ptr info) {
    std::longjmp(reinterpret_cast<ErrorHandler*>(info->err)->failed, 1);
  };
  handler.base.output_message = [](j_common_ptr) {};
  return &handler.base;
}

MOBIREG_CPU_CLONES
void to_bytes(const float* values, std::size_t n, std::uint8_t* __restrict bytes) {
  for (std::size_t i = 0; i < n; ++i) {
    const float low = values[i] > 0.0F ? values[i] : 0.0F;
    const float inside = low < 255.0F ? low : 255.0F;
    bytes[i] = static_cast<std::uint8_t>(static_cast<std::int32_t>(inside + 0.5F));
  }
}

MOBIREG_CPU_CLONES
void to_floats(const std::uint8_t* bytes, std::size_t n, float* __restrict values) {
  for (std::size_t i = 0; i < n; ++i) values[i] = static_cast<float>(bytes[i]);
}

/// A compressed image; `data` is malloc's.
struct Compressed {
  unsigned char* data = nullptr;
  unsigned long size = 0;  // libjpeg's type
};

// A jump must not leap over destructors, so these two hold no C++ objects.

bool compress(std::uint8_t* bytes, int size, int channels, int quality, Compressed& out) {
  jpeg_compress_struct info{};
  ErrorHandler handler{};
  info.err = install(handler);
  if (setjmp(handler.failed) != 0) {
    jpeg_destroy_compress(&info);
    return false;
  }
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, &out.data, &out.size);
  info.image_width = info.image_height = static_cast<JDIMENSION>(size);
  info.input_components = channels;
  info.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, quality, TRUE);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    JSAMPROW row = bytes + std::size_t{info.next_scanline} * info.image_width *
                               static_cast<std::size_t>(channels);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  return true;
}

bool decompress(const Compressed& in, std::uint8_t* bytes) {
  jpeg_decompress_struct info{};
  ErrorHandler handler{};
  info.err = install(handler);
  if (setjmp(handler.failed) != 0) {
    jpeg_destroy_decompress(&info);
    return false;
  }
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, in.data, in.size);
  jpeg_read_header(&info, TRUE);
  jpeg_start_decompress(&info);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = bytes + std::size_t{info.output_scanline} * info.output_width *
                               static_cast<std::size_t>(info.output_components);
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return true;
}

}  // namespace

void jpeg_compression(const PixelView& image, int quality) {
  std::vector<std::uint8_t> bytes(image.count());
  to_bytes(image.pixels, image.count(), bytes.data());
  Compressed compressed;
  const bool done = compress(bytes.data(), image.size, image.channels, quality, compressed) &&
                    decompress(compressed, bytes.data());
  std::free(compressed.data);
  if (!done) fail("no memory to compress an image of {0} x {0} pixels as JPEG", image.size);
  to_floats(bytes.data(), image.count(), image.pixels);
}

}  // namespace mobireg
