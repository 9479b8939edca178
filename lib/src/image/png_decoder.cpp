#include "image/png_decoder.h"

#include <png.h>

#include <csetjmp>
#include <cstring>
#include <string>
#include <vector>

#include "image/byte_order.h"
#include "image/exif.h"

namespace mobireg {
namespace {

constexpr png_alloc_size_t kMaxChunkBytes = 8'000'000;

/// A libpng reader whose errors are `Error`s and which says nothing about the rest.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) {
      png_destroy_read_struct(&png_, nullptr, nullptr);
      throw std::bad_alloc();
    }
    png_set_read_fn(png_, this, read);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { png_destroy_read_struct(&png_, &info_, nullptr); }

  /// Calls `step`, which calls libpng and must own nothing: an error jumps out of it.
  template <typename Step>
  void run(Step step) {
    if (setjmp(jump_) != 0) {
      if (at_end_) fail("the PNG file ends too early");
      fail("the PNG file is damaged: {}", message_);
    }
    step(png_, info_);
  }

 private:
  [[noreturn]] static void on_error(png_structp png, png_const_charp message) {
    auto* self = static_cast<Reader*>(png_get_error_ptr(png));
    std::strncpy(self->message_, message, sizeof(self->message_) - 1);
    std::longjmp(self->jump_, 1);
  }
  static void on_warning(png_structp, png_const_charp) {}

  static void read(png_structp png, png_bytep out, std::size_t size) {
    auto* self = static_cast<Reader*>(png_get_io_ptr(png));
    if (self->rest_.size() < size) {
      self->at_end_ = true;
      png_error(png, "");
    }
    std::memcpy(out, self->rest_.data(), size);
    self->rest_.remove_prefix(size);
  }

  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::string_view rest_;
  std::jmp_buf jump_{};
  char message_[128] = {};
  bool at_end_ = false;
};

/// 8-bit grey or RGB, whatever the file has.
void set_transformations(png_structp png, png_infop info) {
  const png_byte type = png_get_color_type(png, info);
  if (png_get_bit_depth(png, info) == 16) png_set_strip_16(png);
  if (type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if (type == PNG_COLOR_TYPE_GRAY) png_set_expand_gray_1_2_4_to_8(png);
  png_set_strip_alpha(png);
  png_read_update_info(png, info);
}

int read_exif_chunk(const ReadAt& read) {
  using namespace std::string_view_literals;
  constexpr int kMaxChunks = 1000;
  std::uint64_t at = 33;  // behind IHDR
  for (int chunk = 0; chunk < kMaxChunks; ++chunk) {
    const std::string_view bytes = read(at, 8);
    if (bytes.size() < 8) return 1;
    const std::uint32_t length = big_endian(bytes.substr(0, 4));
    const std::string_view type = bytes.substr(4);
    if (type == "eXIf"sv) return read_exif_orientation(read, at + 8, length);
    if (type == "IDAT"sv || type == "IEND"sv) return 1;
    at += std::uint64_t{length} + 12;
  }
  return 1;
}

}  // namespace

ImageHeader parse_png_header(const ReadAt& read) {
  const std::string_view bytes = read_all(read, 8, 16, "PNG");
  const std::uint32_t width = big_endian(bytes.substr(8, 4));
  const std::uint32_t height = big_endian(bytes.substr(12, 4));
  if (big_endian(bytes.substr(0, 4)) != 13 || bytes.substr(4, 4) != "IHDR" ||
      width > PNG_UINT_31_MAX || height > PNG_UINT_31_MAX) {
    fail("the PNG file is damaged: its header is not valid");
  }
  ImageHeader header{ImageFormat::kPng, static_cast<int>(width), static_cast<int>(height), 1};
  header.orientation = read_exif_chunk(read);
  return header;
}

Image decode_png(std::string_view bytes, const ImageHeader& header) {
  Reader reader(bytes);
  reader.run([&](png_structp png, png_infop info) {
    png_set_user_limits(png, static_cast<png_uint_32>(header.width),
                        static_cast<png_uint_32>(header.height));
    png_set_chunk_malloc_max(png, kMaxChunkBytes);
    // Ancillary chunks are passed over, but for tRNS, which changes nothing here.
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
    png_read_info(png, info);
    set_transformations(png, info);
  });

  Image image{header.height, header.width, 0, {}};
  std::size_t row = 0;
  reader.run([&](png_structp png, png_infop info) {
    image.channels = png_get_channels(png, info);
    row = png_get_rowbytes(png, info);
  });
  image.pixels.resize(row * static_cast<std::size_t>(header.height));
  std::vector<png_bytep> rows(static_cast<std::size_t>(header.height));
  for (std::size_t y = 0; y < rows.size(); ++y) rows[y] = image.pixels.data() + y * row;
  reader.run([&](png_structp png, png_infop) {
    png_read_image(png, rows.data());
    png_read_end(png, nullptr);
  });
  return image;
}

}  // namespace mobireg
