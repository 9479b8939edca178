#include "image/pnm_decoder.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "image/byte_order.h"

namespace mobireg {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes PNM's numbers in digits, one after the other.
class Scanner {
 public:
  Scanner(std::string_view bytes, std::size_t at) : bytes_(bytes), at_(at) {}

  std::size_t at() const { return at_; }

  /// A number of at most `max`; blanks and comments in front of it are passed over.
  int number(const char* what, int max) {
    skip_blanks();
    const std::size_t begin = at_;
    std::int64_t value = 0;
    for (; at_ < bytes_.size() && is_digit(bytes_[at_]); ++at_) {
      value = std::min<std::int64_t>(value * 10 + (bytes_[at_] - '0'), std::int64_t{1} << 40);
    }
    if (at_ == begin) fail("the PNM file is damaged: its {} is no number", what);
    if (value > max) fail("the PNM file is damaged: its {} is above {}", what, max);
    return static_cast<int>(value);
  }

  /// A 0 or 1, which need no blanks between them.
  int bit() {
    skip_blanks();
    const char c = bytes_[at_++];
    if (c != '0' && c != '1') fail("the PNM file is damaged: a pixel is neither 0 nor 1");
    return c - '0';
  }

  /// The one blank that ends a header.
  void end_header() {
    if (at_ == bytes_.size()) fail("the PNM file ends too early");
    if (!is_space(bytes_[at_++])) fail("the PNM file is damaged: its header has no end");
  }

 private:
  void skip_blanks() {
    for (; at_ < bytes_.size(); ++at_) {
      if (bytes_[at_] == '#') at_ = bytes_.find_first_of("\r\n", at_);
      if (at_ == std::string_view::npos) break;
      if (!is_space(bytes_[at_])) return;
    }
    fail("the PNM file ends too early");
  }

  std::string_view bytes_;
  std::size_t at_;
};

struct PnmHeader {
  int kind = 1;  // the digit of P1 to P6
  int width = 0;
  int height = 0;
  int max = 1;
  std::size_t pixels_at = 0;

  bool is_bitmap() const { return kind == 1 || kind == 4; }
  bool is_text() const { return kind <= 3; }
  int channels() const { return kind == 3 || kind == 6 ? 3 : 1; }
};

PnmHeader parse(std::string_view bytes) {
  PnmHeader header;
  header.kind = bytes[1] - '0';
  Scanner scanner(bytes, 2);
  header.width = scanner.number("width", 0x7FFFFFFF);
  header.height = scanner.number("height", 0x7FFFFFFF);
  if (!header.is_bitmap()) header.max = scanner.number("maximal value", 65535);
  if (header.max == 0) fail("the PNM file is damaged: its maximal value is 0");
  scanner.end_header();
  header.pixels_at = scanner.at();
  return header;
}

/// What becomes of each sample: Pillow's rounding, but the high byte of 16 bits.
std::vector<std::uint8_t> sample_table(int max) {
  std::vector<std::uint8_t> table(static_cast<std::size_t>(max) + 1);
  for (int value = 0; value <= max; ++value) {
    const double scaled =
        max == 65535 ? value / 256 : std::nearbyint(static_cast<double>(value) / max * 255);
    table[static_cast<std::size_t>(value)] = static_cast<std::uint8_t>(scaled);
  }
  return table;
}

void decode_text(std::string_view bytes, const PnmHeader& header, Image& image) {
  const std::vector<std::uint8_t> table = sample_table(header.max);
  Scanner scanner(bytes, header.pixels_at);
  for (std::uint8_t& sample : image.pixels) {
    sample = header.is_bitmap()
                 ? static_cast<std::uint8_t>(scanner.bit() == 0 ? 255 : 0)
                 : table[static_cast<std::size_t>(scanner.number("sample", header.max))];
  }
}

void decode_bits(std::string_view bytes, Image& image) {
  const auto width = static_cast<std::size_t>(image.width);
  for (std::size_t y = 0, i = 0; y < static_cast<std::size_t>(image.height); ++y) {
    for (std::size_t x = 0; x < width; ++x, ++i) {
      const int byte = static_cast<unsigned char>(bytes[y * ((width + 7) / 8) + x / 8]);
      image.pixels[i] = (byte >> (7 - x % 8) & 1) == 0 ? 255 : 0;
    }
  }
}

void decode_bytes(std::string_view bytes, const PnmHeader& header, Image& image) {
  if (header.max == 255) {
    std::copy_n(bytes.begin(), image.pixels.size(), image.pixels.begin());
    return;
  }
  const std::vector<std::uint8_t> table = sample_table(header.max);
  const std::size_t size = header.max > 255 ? 2 : 1;
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const std::uint32_t sample = big_endian(bytes.substr(i * size, size));
    if (sample >= table.size()) fail("the PNM file is damaged: a sample is above {}", header.max);
    image.pixels[i] = table[sample];
  }
}

}  // namespace

ImageHeader parse_pnm_header(const ReadAt& read) {
  constexpr std::size_t kMaxHeaderBytes = 65536;  // comments
  const PnmHeader header = parse(read(0, kMaxHeaderBytes));
  return {ImageFormat::kPnm, header.width, header.height, 1};
}

Image decode_pnm(std::string_view bytes) {
  const PnmHeader header = parse(bytes);
  Image image{header.height, header.width, header.channels(), {}};
  const std::string_view pixels = bytes.substr(header.pixels_at);
  const std::size_t row_bytes = header.kind == 4 ? (static_cast<std::size_t>(header.width) + 7) / 8
                                                 : static_cast<std::size_t>(header.width) *
                                                       static_cast<std::size_t>(header.channels()) *
                                                       (header.max > 255 ? 2 : 1);
  // A text sample takes a byte at least.
  const std::size_t least =
      header.is_text() ? image.view().size() : row_bytes * static_cast<std::size_t>(header.height);
  if (pixels.size() < least) fail("the PNM file ends too early");
  image.pixels.resize(image.view().size());
  if (header.is_text()) {
    decode_text(bytes, header, image);
  } else if (header.is_bitmap()) {
    decode_bits(pixels, image);
  } else {
    decode_bytes(pixels, header, image);
  }
  return image;
}

}  // namespace mobireg
