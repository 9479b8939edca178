#include "image/jpeg_decoder.h"

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdint>
#include <cstdio>  // for jpeglib.h
#include <cstring>
#include <string>
#include <vector>

#include <jpeglib.h>
// After jpeglib.h, which it needs.
#include <jerror.h>

#include "core/fail.h"

namespace mobireg {
namespace {

constexpr int kMaxScans = 100;  // else a few bytes a scan would keep a decoder busy for hours

/// A libjpeg decompressor whose errors, and whose warnings of damaged data, are `Error`s.
class Decompressor {
 public:
  explicit Decompressor(std::string_view bytes) {
    info_.err = jpeg_std_error(&errors_);
    info_.client_data = this;
    errors_.error_exit = [](j_common_ptr info) { leave(info, info->err->msg_code); };
    errors_.emit_message = [](j_common_ptr info, int level) {
      if (level < 0 && !is_harmless(info->err->msg_code)) leave(info, info->err->msg_code);
    };
    run([&] {
      jpeg_create_decompress(&info_);
      jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    });
    progress_.progress_monitor = [](j_common_ptr info) {
      const auto* decompress = reinterpret_cast<const jpeg_decompress_struct*>(info);
      if (decompress->input_scan_number > kMaxScans) leave(info, kTooManyScans);
    };
    info_.progress = &progress_;
  }
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;
  ~Decompressor() { jpeg_destroy_decompress(&info_); }

  jpeg_decompress_struct& info() { return info_; }

  /// Calls `step`, which calls libjpeg and must own nothing: an error jumps out of it.
  template <typename Step>
  void run(Step step) {
    if (setjmp(jump_) != 0) fail_with_reason();
    step();
  }

 private:
  static constexpr int kTooManyScans = -1;

  static bool is_harmless(int warning) {
    return warning == JWRN_EXTRANEOUS_DATA || warning == JWRN_ADOBE_XFORM ||
           warning == JWRN_JFIF_MAJOR || warning == JWRN_BOGUS_ICC;
  }

  [[noreturn]] static void leave(j_common_ptr info, int reason) {
    auto* self = static_cast<Decompressor*>(info->client_data);
    self->reason_ = reason;
    std::longjmp(self->jump_, 1);
  }

  [[noreturn]] void fail_with_reason() {
    if (reason_ == JWRN_JPEG_EOF) fail("the JPEG file ends too early");
    if (reason_ == kTooManyScans) fail("the JPEG file has more than {} scans", kMaxScans);
    std::array<char, JMSG_LENGTH_MAX> text{};
    errors_.format_message(reinterpret_cast<j_common_ptr>(&info_), text.data());
    fail("the JPEG file is damaged: {}", text.data());
  }

  jpeg_decompress_struct info_{};
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf jump_{};
  int reason_ = 0;
};

/// Pillow's arithmetic. JPEG's CMYK is stored inverted, as Adobe does.
void cmyk_to_rgb(const std::uint8_t* cmyk, std::size_t pixels, std::uint8_t* rgb) {
  for (std::size_t i = 0; i < pixels; ++i, cmyk += 4, rgb += 3) {
    const int light = cmyk[3];
    for (int c = 0; c < 3; ++c) {
      const int product = (255 - cmyk[c]) * light + 128;
      rgb[c] = static_cast<std::uint8_t>(std::max(light - (((product >> 8) + product) >> 8), 0));
    }
  }
}

/// Rows that begin 16 bytes beyond a multiple of 32. Where one begins at a multiple,
/// libjpeg-turbo's AVX2 colour conversion writes past the caches (vmovntdq) what is read again
/// right away: a third of the time of a 112-pixel image.
class RowBuffer {
 public:
  static constexpr JDIMENSION kRows = 4;  // as many as libjpeg makes at once

  explicit RowBuffer(std::size_t row_size)
      : stride_((row_size + 31) / 32 * 32), bytes_(kRows * stride_ + 64) {
    const auto begin = reinterpret_cast<std::uintptr_t>(bytes_.data());
    const std::size_t first = (32 - begin % 32) % 32 + 16;
    for (JDIMENSION i = 0; i < kRows; ++i) rows_[i] = bytes_.data() + first + i * stride_;
  }

  JSAMPARRAY rows() { return rows_.data(); }

 private:
  std::size_t stride_;
  std::vector<std::uint8_t> bytes_;
  std::array<JSAMPROW, kRows> rows_{};
};

void read_rows(Decompressor& jpeg, Image& image) {
  jpeg_decompress_struct& info = jpeg.info();
  const std::size_t row = image.view().size() / static_cast<std::size_t>(image.height);
  RowBuffer buffer(row);
  std::uint8_t* out = image.pixels.data();
  jpeg.run([&] {
    while (info.output_scanline < info.output_height) {
      const JDIMENSION count = jpeg_read_scanlines(&info, buffer.rows(), RowBuffer::kRows);
      for (JDIMENSION i = 0; i < count; ++i, out += row) std::memcpy(out, buffer.rows()[i], row);
    }
  });
}

void read_cmyk_rows(Decompressor& jpeg, Image& image) {
  jpeg_decompress_struct& info = jpeg.info();
  std::vector<std::uint8_t> cmyk(std::size_t{info.output_width} * 4);
  const std::size_t row = std::size_t{info.output_width} * 3;
  jpeg.run([&] {
    while (info.output_scanline < info.output_height) {
      std::uint8_t* out = image.pixels.data() + info.output_scanline * row;
      JSAMPROW in = cmyk.data();
      jpeg_read_scanlines(&info, &in, 1);
      cmyk_to_rgb(in, info.output_width, out);
    }
  });
}

}  // namespace

Image decode_jpeg(std::string_view bytes, const ImageHeader& header, int reduction) {
  Decompressor jpeg(bytes);
  jpeg_decompress_struct& info = jpeg.info();
  jpeg.run([&] { jpeg_read_header(&info, TRUE); });
  if (static_cast<int>(info.image_width) != header.width ||
      static_cast<int>(info.image_height) != header.height) {
    fail("the JPEG file is damaged: its frame headers differ");
  }
  const bool grey = info.num_components == 1;
  const bool cmyk = info.num_components == 4;
  info.out_color_space = grey ? JCS_GRAYSCALE : cmyk ? JCS_CMYK : JCS_RGB;
  info.dct_method = JDCT_ISLOW;
  info.do_fancy_upsampling = TRUE;
  info.scale_num = 8U / static_cast<unsigned>(reduction);
  info.scale_denom = 8;
  jpeg.run([&] { jpeg_start_decompress(&info); });

  Image image{
      static_cast<int>(info.output_height), static_cast<int>(info.output_width), grey ? 1 : 3, {}};
  image.pixels.resize(image.view().size());
  if (cmyk) {
    read_cmyk_rows(jpeg, image);
  } else {
    read_rows(jpeg, image);
  }
  jpeg.run([&] { jpeg_finish_decompress(&info); });  // on to the end marker
  return image;
}

}  // namespace mobireg
