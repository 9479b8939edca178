#include "image/image_decoder.h"

#include <catch2/catch.hpp>
#include <opencv2/imgcodecs.hpp>
#include <string>
#include <vector>

#include "image/jpeg_decoder.h"
#include "image/pillow_images.h"
#include "mobireg/core/error.h"

namespace mobireg {
namespace {

using namespace std::string_literals;
using nlohmann::json;

std::string as_string(const std::vector<std::uint8_t>& pixels) {
  return {pixels.begin(), pixels.end()};
}

DecodedImage decode(const std::string& bytes, const DecodeOptions& options = {}) {
  return decode_image(bytes, options);
}

std::string error_of(const std::string& bytes, const DecodeOptions& options = {}) {
  try {
    decode_image(bytes, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

DecodeOptions reduced(int min_side, double of_side = 0) {
  DecodeOptions options;
  options.min_side = min_side;
  options.of_side = of_side;
  return options;
}

std::string jpeg_of(int width, int height) {
  std::vector<unsigned char> bytes;
  cv::imencode(".jpg", cv::Mat(height, width, CV_8UC3, cv::Scalar(10, 20, 30)), bytes);
  return {bytes.begin(), bytes.end()};
}

/// A progressive JPEG of 8x8 grey pixels whose scans say that every coefficient is 0.
std::string jpeg_of_scans(int count) {
  std::string file = "\xFF\xD8\xFF\xDB\0\x43\0"s + std::string(64, '\1') +
                     "\xFF\xC2\0\x0B\x08\0\x08\0\x08\1\1\x11\0"s;
  for (const char table : {'\0', '\x10'}) {  // one code each, 0, for the value 0
    file += "\xFF\xC4\0\x14"s + table + "\1"s + std::string(15, '\0') + "\0"s;
  }
  file += "\xFF\xDA\0\x08\1\1\0\0\0\0\x7F"s;
  for (int scan = 1; scan < count; ++scan) {  // each coefficient in ten scans, from its highest bit
    const int coefficient = 1 + (scan - 1) / 10;
    const int low = 9 - (scan - 1) % 10;
    const int high = low == 9 ? 0 : low + 1;
    file += "\xFF\xDA\0\x08\1\1\0"s + static_cast<char>(coefficient) +
            static_cast<char>(coefficient) + static_cast<char>(high * 16 + low) + "\x7F";
  }
  return file + "\xFF\xD9";
}

TEST_CASE("decoded pixels are Pillow's, for every kind of file") {
  REQUIRE(pillow_images().size() >= 58);
  for (const json& entry : pillow_images()) {
    INFO(entry["name"].get<std::string>());
    const std::string bytes = from_hex(entry["file"]);
    const int reduction = entry["reduction"];
    DecodeOptions options;
    if (reduction > 1) options = reduced(entry["height"].get<int>() / reduction);
    const DecodedImage rgb = decode(bytes, options);
    CHECK(rgb.scale == 1.0 / reduction);
    CHECK(json{rgb.image.width, rgb.image.height} == entry["upright"]);
    CHECK(rgb.image.channels == 3);
    CHECK(as_string(rgb.image.pixels) == from_hex(entry["rgb"]));
    options.color_mode = ColorMode::kGrayscale;
    const DecodedImage grey = decode(bytes, options);
    CHECK(grey.image.channels == 1);
    CHECK(as_string(grey.image.pixels) == from_hex(entry["grey"]));
  }
}

TEST_CASE("an image is left as stored where its orientation is not asked for") {
  DecodeOptions options;
  options.exif_orientation = false;
  const Image upright = decode(image_file("PNG with orientation 1")).image;
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const std::string name = "PNG with orientation " + std::to_string(orientation);
    const Image stored = decode(image_file(name), options).image;
    CHECK(stored.width == 3);
    CHECK(stored.pixels == upright.pixels);
  }
}

TEST_CASE("a JPEG is decoded at the smallest scale that keeps the side asked for") {
  const auto [min_side, of_side, scale] = GENERATE(table<int, double, double>({
      {0, 0, 1},
      {0, 10, 1},
      {1, 0, 0.125},
      {100, 0, 0.125},  // the shorter side
      {101, 0, 0.25},
      {200, 0, 0.25},
      {201, 0, 0.5},
      {400, 0, 0.5},
      {401, 0, 1},
      {5000, 0, 1},
      {50, 100.0, 0.5},  // a crop's side
      {50, 99.9, 1},
      {50, 1600.0, 0.125},
  }));
  INFO(min_side << " of " << of_side);
  const DecodedImage decoded = decode(jpeg_of(1003, 800), reduced(min_side, of_side));
  CHECK(decoded.scale == scale);
  CHECK(decoded.image.width == std::ceil(1003 * scale));
  CHECK(decoded.image.height == 800 * scale);
}

TEST_CASE("orientation turns a reduced JPEG as it turns a whole one") {
  const std::string jpeg = jpeg_of(160, 80);
  const std::string exif =
      "\xFF\xE1\0\x22"s + "Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"s;
  const DecodedImage decoded = decode(jpeg.substr(0, 2) + exif + jpeg.substr(2), reduced(10));
  CHECK(decoded.scale == 0.125);
  CHECK(decoded.image.width == 10);
  CHECK(decoded.image.height == 20);
}

TEST_CASE("only a JPEG is reduced") {
  CHECK(decode(image_file("PNG RGB"), reduced(1)).scale == 1);
  CHECK(decode(image_file("BMP 24 bit"), reduced(1)).image.width == 7);
}

TEST_CASE("a large image is refused before it is decoded") {
  const std::string png = image_file("PNG RGB");
  const std::string large = replaced(png, 16, 8, "\0\0\x4E\x20\0\0\x4E\x20"s);
  CHECK(error_of(large) == "the image has 20000x20000 pixels; at most 64 megapixels are read");
  DecodeOptions options;
  options.max_pixels = 35;
  CHECK_NOTHROW(decode(png, options));
  options.max_pixels = 34;
  CHECK(error_of(png, options) == "the image has 7x5 pixels; at most 3.4e-05 megapixels are read");
}

TEST_CASE("a file that ends too early is refused, wherever it ends") {
  const std::string name = GENERATE(
      "JPEG 4:2:0"s, "JPEG progressive"s, "JPEG CMYK"s, "JPEG grey"s, "JPEG with restart markers"s,
      "PNG RGB"s, "PNG interlaced"s, "PNG palette 4 bit"s, "BMP 24 bit"s, "BMP 4 bit"s,
      "BMP 16 bit with masks"s, "PNM P4"s, "PNM P5"s, "PNM P6"s, "PNM P6 of 16 bits"s);
  const std::string bytes = image_file(name);
  const std::string why = "the " + name.substr(0, name.find(' ')) + " file ends too early";
  REQUIRE(error_of(bytes).empty());
  for (std::size_t size = 32; size < bytes.size(); ++size) {
    INFO(name << " of " << size << " bytes");
    CHECK(error_of(bytes.substr(0, size)) == why);
  }
}

TEST_CASE("a text PNM that ends too early is refused") {
  const std::string name = GENERATE("PNM P1"s, "PNM P2"s, "PNM P3"s);
  const std::string bytes = image_file(name);
  CHECK(error_of(bytes.substr(0, bytes.size() - 6)) == "the PNM file ends too early");
}

TEST_CASE("bytes behind an image change nothing") {
  for (const json& entry : pillow_images()) {
    const std::string bytes = from_hex(entry["file"]);
    CHECK(decode(bytes + " \xFF\xDA more").image.pixels == decode(bytes).image.pixels);
  }
}

TEST_CASE("damaged JPEG data is refused with libjpeg's reason") {
  const std::string jpeg = image_file("JPEG 4:4:4");
  CHECK(error_of(replaced(jpeg, jpeg.size() - 100, 2, "\xFF\xD9")) ==
        "the JPEG file is damaged: Corrupt JPEG data: premature end of data segment");
  CHECK(error_of(replaced(jpeg, jpeg.find("\xFF\xDB"), 2, "\xFF\xFE")) ==
        "the JPEG file is damaged: Quantization table 0x00 was not defined");
  const std::string restarts = image_file("JPEG with restart markers");
  CHECK(error_of(replaced(restarts, restarts.find("\xFF\xD0"), 2, "\xFF\xD5")) ==
        "the JPEG file is damaged: Corrupt JPEG data: found marker 0xd5 instead of RST0");
}

TEST_CASE("stray bytes between a JPEG's segments are passed over") {
  const std::string jpeg = image_file("JPEG 4:4:4");
  const std::size_t tables = jpeg.find("\xFF\xC4");
  const std::string padded = jpeg.substr(0, tables) + "stray" + jpeg.substr(tables);
  CHECK(decode(padded).image.pixels == decode(jpeg).image.pixels);
}

TEST_CASE("a JPEG of very many scans is refused") {
  CHECK(decode(jpeg_of_scans(100)).image.pixels == std::vector<std::uint8_t>(8 * 8 * 3, 128));
  CHECK(error_of(jpeg_of_scans(101)) == "the JPEG file has more than 100 scans");
}

TEST_CASE("a JPEG is refused where libjpeg finds another size than the header's") {
  const std::string jpeg = image_file("JPEG 4:4:4");
  CHECK_THROWS_WITH(decode_jpeg(jpeg, {ImageFormat::kJpeg, 16, 13, 1}, 1),
                    "the JPEG file is damaged: its frame headers differ");
}

TEST_CASE("damaged PNG data is refused with libpng's reason") {
  const std::string png = image_file("PNG RGB");
  CHECK(error_of(replaced(png, png.find("IDAT") + 10, 1, "\xA5")) ==
        "the PNG file is damaged: IDAT: invalid stored block lengths");
  CHECK(error_of(replaced(png, png.find("IEND") - 5, 1, "?")) ==
        "the PNG file is damaged: IDAT: CRC error");
}

TEST_CASE("a damaged ancillary chunk of a PNG changes nothing") {
  const std::string png = image_file("PNG RGB");
  const std::string bad_crc = "\0\0\0\4iCCPxxxxCRC!"s;
  CHECK(decode(png.substr(0, 33) + bad_crc + png.substr(33)).image.pixels ==
        decode(png).image.pixels);
}

TEST_CASE("PNM samples are checked") {
  CHECK(error_of("P3 1 1 99 1 2 100 ") == "the PNM file is damaged: its sample is above 99");
  CHECK(error_of("P3 1 1 99 1 2 x ") == "the PNM file is damaged: its sample is no number");
  CHECK(error_of("P6 1 1 99\n\1\2\x64"s) == "the PNM file is damaged: a sample is above 99");
  CHECK(error_of("P1 2 1 12") == "the PNM file is damaged: a pixel is neither 0 nor 1");
}

TEST_CASE("colours that a BMP's palette lacks are black") {
  const std::string bmp = image_file("BMP 4 bit");
  const std::string fewer = replaced(bmp, 10, 1, "\x3A");  // pixels right behind the first colour
  const Image image = decode(fewer).image;
  CHECK(std::count(image.pixels.begin(), image.pixels.end(), 0) > 0);
}

TEST_CASE("whatever a file holds, it is decoded or refused") {
  DecodeOptions options;
  options.max_pixels = 100'000;
  options.color_mode = ColorMode::kGrayscale;
  int decoded = 0;
  int refused = 0;
  const auto try_decode = [&](const std::string& bytes) {
    try {
      const Image image = decode_image(bytes, options).image;
      decoded += image.pixels.size() == image.view().size();
    } catch (const Error&) {
      ++refused;
    }
  };
  int tried = 0;
  for (const json& entry : pillow_images()) {
    const std::string bytes = from_hex(entry["file"]);
    for (std::size_t i = 0; i < bytes.size(); ++i, tried += 4) {
      try_decode(bytes.substr(0, i));
      for (const char flip : {'\x01', '\x80', '\xFF'}) {
        std::string changed = bytes;
        changed[i] = static_cast<char>(changed[i] ^ flip);
        try_decode(changed);
      }
    }
  }
  CHECK(decoded + refused == tried);
  CHECK(decoded > tried / 20);
  CHECK(refused > tried / 20);
}

}  // namespace
}  // namespace mobireg
