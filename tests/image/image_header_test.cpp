#include <catch2/catch.hpp>
#include <string>
#include <tuple>
#include <vector>

#include "image/image_decoder.h"
#include "image/made_headers.h"
#include "image/pillow_images.h"
#include "mobireg/core/error.h"

namespace mobireg {
namespace {

using namespace std::string_literals;
using nlohmann::json;

constexpr std::uint64_t kMaxPixels = 64'000'000;

ImageHeader header_of(const std::string& bytes) { return parse_image_header(bytes, kMaxPixels); }

std::string error_of(const std::string& bytes) {
  try {
    header_of(bytes);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("a header tells format and size of every kind of file") {
  for (const json& entry : pillow_images()) {
    INFO(entry["name"].get<std::string>());
    const ImageHeader header = header_of(from_hex(entry["file"]));
    const std::vector<std::string> names{"JPEG", "PNG", "BMP", "PNM"};
    CHECK(names[static_cast<std::size_t>(header.format)] == entry["format"]);
    CHECK(header.width == entry["width"]);
    CHECK(header.height == entry["height"]);
    CHECK((header.orientation >= 5) ==
          (entry["width"] != entry["upright"][0] && entry["reduction"] == 1));
  }
}

TEST_CASE("other formats are refused by their signature, with their name") {
  const auto [bytes, name] = GENERATE(table<std::string, std::string>({
      {"GIF89a...", "a GIF file"},
      {"II*\0rest"s, "a TIFF file"},
      {"MM\0*rest"s, "a TIFF file"},
      {"RIFF....WEBPVP8 ", "a WebP file"},
      {"\0\0\0\x1C"
       "ftypavif"s,
       "an AVIF file"},
      {"\0\0\0\x1C"
       "ftypheic"s,
       "a HEIC file"},
      {"\0\0\0\x1C"
       "ftyphevc"s,
       "a HEIC file"},
      {"\0\0\0\x1C"
       "ftypmif1"s,
       "a HEIC file"},
      {"\0\0\0\x1C"
       "ftypmsf1"s,
       "a HEIC file"},
      {"\0\0\0\x1C"
       "ftypisom"s,
       "a video (MP4 or the like)"},
      {"\0\0\0\x0CjP  \r\n\x87\n"s, "a JPEG 2000 file"},
      {"\xFF\x4F\xFF\x51", "a JPEG 2000 file"},
      {"\xFF\x0A", "a JPEG XL file"},
      {"\0\0\0\x0CJXL \r\n\x87\n"s, "a JPEG XL file"},
      {"8BPS", "a Photoshop file"},
      {"\0\0\1\0\1"s, "an icon (ICO)"},
      {"qoif", "a QOI file"},
      {"v/1\1", "an OpenEXR file"},
      {"#?RADIANCE", "a Radiance HDR file"},
      {"\x93NUMPY", "a NumPy file"},
      {"%PDF-1.4", "a PDF file"},
      {"PK\3\4", "a ZIP archive"},
      {"\x1F\x8B", "a gzip file"},
      {"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer, not the file itself"},
      {"<svg>", "an SVG file"},
      {"<?xml version", "an XML file"},
      {"<!DOCTYPE html>", "an HTML page"},
      {"<HTML><head>", "an HTML page"},
      {"404: not found\n", "a text file"},
      {"P7\n", "a text file"},
      {"P6", "a text file"},
      {std::string(100, '\0'), "a file of zeros"},
      {"\1\2\3", "of no known format"},
  }));
  CHECK(error_of(bytes) == "it is " + name + "; JPEG, PNG, BMP and PNM are read");
}

TEST_CASE("an empty file is refused") { CHECK(error_of("") == "the image file is empty"); }

TEST_CASE("larger images than allowed are refused by their header") {
  const std::string file = GENERATE(png_header(20000, 20000), jpeg_of("", 20000, 20000),
                                    bmp_header(20000, 20000), "P6 20000 20000 255\n"s);
  CHECK(error_of(file) == "the image has 20000x20000 pixels; at most 64 megapixels are read");
  CHECK_NOTHROW(parse_image_header(file, 400'000'000));
  CHECK_THROWS_WITH(parse_image_header(file, 399'999'999),
                    "the image has 20000x20000 pixels; at most 399.999999 megapixels are read");
}

TEST_CASE("sizes do not overflow") {
  CHECK(error_of(png_header(0x7FFFFFFF, 0x7FFFFFFF)) ==
        "the image has 2147483647x2147483647 pixels; at most 64 megapixels are read");
  CHECK(error_of(png_header(0x80000000, 1)) == "the PNG file is damaged: its header is not valid");
  CHECK(error_of(bmp_header(0x7FFFFFFF, 0x7FFFFFFF)) ==
        "the image has 2147483647x2147483647 pixels; at most 64 megapixels are read");
  CHECK(error_of(bmp_header(1, 0x80000000)) ==
        "the BMP file is damaged: it has 1x2147483648 pixels");
  CHECK(error_of(bmp_header(0xFFFFFFFF, 1)) == "the BMP file is damaged: it has -1x1 pixels");
  CHECK(error_of("P6 99999999999999999999 1 255\n") ==
        "the PNM file is damaged: its width is above 2147483647");
  CHECK(error_of("P6 1 2147483648 255\n") ==
        "the PNM file is damaged: its height is above 2147483647");
}

TEST_CASE("an image without pixels is refused") {
  CHECK(error_of(jpeg_of("", 30, 0)) == "the image has no pixels (30x0)");
  CHECK(error_of(png_header(0, 7)) == "the image has no pixels (0x7)");
  CHECK(error_of(bmp_header(0, 7)) == "the image has no pixels (0x7)");
  CHECK(error_of("P5 0 7 255\n") == "the image has no pixels (0x7)");
}

TEST_CASE("a JPEG's segments, fill bytes and stray bytes are passed over") {
  const std::string before =
      GENERATE(""s, segment(0xE2, "\xFF\xC0..........."), "\xFF\xFF\xFF"s, "stray \xFF\0bytes"s,
               "\xFF\xD0\xFF\x01"s, segment(0xFE, std::string(65533, '#')));
  const ImageHeader header = header_of(jpeg_of(before));
  CHECK(header.width == 30);
  CHECK(header.height == 20);
}

TEST_CASE("little more is read of a JPEG than its frame header, wherever that lies") {
  std::string segments;
  for (int i = 0; i < 10; ++i) segments += segment(0xE2, std::string(65533, '#'));
  const std::string file = jpeg_of(segments);
  std::size_t bytes_read = 0;
  const ReadAt read = [&](std::uint64_t at, std::size_t size) {
    bytes_read += size;
    return std::string_view(file).substr(static_cast<std::size_t>(at), size);
  };
  CHECK(parse_image_header(read, kMaxPixels).width == 30);
  CHECK(bytes_read < 256);
}

TEST_CASE("a JPEG that is not decoded is refused by its header") {
  const auto [marker, components, precision, why] = GENERATE(table<int, int, int, std::string>({
      {0xC3, 3, 8,
       "the JPEG file is lossless or hierarchical; baseline and progressive ones are read"},
      {0xC5, 3, 8,
       "the JPEG file is lossless or hierarchical; baseline and progressive ones are read"},
      {0xC9, 3, 8, "the JPEG file is arithmetically coded; baseline and progressive ones are read"},
      {0xC1, 3, 12, "the JPEG file has 12 bits a sample; 8 are read"},
      {0xC0, 2, 8, "the JPEG file has 2 components; 1 (grey), 3 (colour) and 4 (CMYK) are read"},
  }));
  CHECK(error_of("\xFF\xD8" + segment(marker, frame_header(30, 20, components, precision))) == why);
}

TEST_CASE("a JPEG without a frame header is refused") {
  const std::string why = "the JPEG file is damaged: it has no frame header";
  CHECK(error_of("\xFF\xD8\xFF\xD9..") == why);
  CHECK(error_of("\xFF\xD8\xFF\xDA\x00\x08"s) == why);
  CHECK(error_of("\xFF\xD8\xFF\xE0\x00\x01"s + "more") == why);
  CHECK(error_of("\xFF\xD8" + std::string(200'000, '#')) == why);
}

TEST_CASE("every header that ends too early is refused") {
  const auto [file, format] =
      GENERATE(table<std::string, std::string>({{jpeg_of(segment(0xE0, "JFIF")), "JPEG"},
                                                {png_header(5, 7).substr(0, 24), "PNG"},
                                                {bmp_header(5, 7), "BMP"},
                                                {"P6 # wide\n 5 7\n255\n", "PNM"}}));
  CHECK_NOTHROW(header_of(file));
  for (std::size_t size = 10; size < file.size(); ++size) {
    INFO(size);
    CHECK(error_of(file.substr(0, size)) == "the " + format + " file ends too early");
  }
}

TEST_CASE("orientation is read from EXIF of both byte orders") {
  CHECK(header_of(image_file("JPEG with little-endian EXIF")).orientation == 6);
  CHECK(header_of(image_file("JPEG with big-endian EXIF")).orientation == 5);
  const int orientation = GENERATE(range(1, 9));
  const std::string value = big_endian_bytes(static_cast<std::uint32_t>(orientation), 2) + "\0\0"s;
  CHECK(header_of(jpeg_of(exif(3, value))).orientation == orientation);
  const std::string wide = big_endian_bytes(static_cast<std::uint32_t>(orientation), 4);
  CHECK(header_of(jpeg_of(exif(4, wide))).orientation == orientation);
  if (orientation > 1) {  // the first one counts
    CHECK(header_of(jpeg_of(exif(3, value) + exif(3, "\0\2\0\0"s))).orientation == orientation);
  }
  const std::string png = "PNG with orientation " + std::to_string(orientation);
  CHECK(header_of(image_file(png)).orientation == orientation);
}

TEST_CASE("EXIF data that makes no sense is as good as none") {
  const std::string six = "\0\6\0\0"s;
  REQUIRE(header_of(jpeg_of(exif(3, six))).orientation == 6);
  const std::string segments = GENERATE_COPY(
      exif(3, "\0\0\0\0"s), exif(3, "\0\x09\0\0"s), exif(3, "\xFF\xFF\0\0"s), exif(3, six, 0x0113),
      exif(3, six, 0x0112, 9), exif(3, six, 0x0112, 21), exif(3, six, 0x0112, -1),
      exif(3, six, 0x0112, 8, 0), exif(3, six, 0x0113, 8, 65535),
      replaced(exif(3, six), 10, 1, "X"), replaced(exif(3, six), 4, 1, "e"),
      segment(0xE1, "Exif\0\0"s), segment(0xE1, "Exif\0\0MM\0*\0\0\0\x08"s));
  const ImageHeader header = header_of(jpeg_of(segments));
  CHECK(header.orientation == 1);
  CHECK(header.width == 30);
}

TEST_CASE("EXIF is not read beyond its segment") {
  const std::string whole = exif(3, "\0\6\0\0"s).substr(4);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    // What was cut off follows in a segment of its own.
    const std::string file =
        jpeg_of(segment(0xE1, whole.substr(0, size)) + segment(0xE2, whole.substr(size)));
    INFO(size);
    CHECK(header_of(file).orientation == 1);
  }
}

TEST_CASE("a BMP that is not decoded is refused by its header") {
  CHECK(error_of(bmp_header(5, 7, 8, 1)) ==
        "the BMP file is run-length coded; uncompressed BMP files are read");
  CHECK(error_of(bmp_header(5, 7, 4, 2)) ==
        "the BMP file is run-length coded; uncompressed BMP files are read");
  CHECK(error_of(bmp_header(5, 7, 24, 4)) ==
        "the BMP file has compression 4; uncompressed BMP files are read");
  CHECK(error_of(bmp_header(5, 7, 2)) == "the BMP file is damaged: 2 bits a pixel");
  CHECK(error_of(bmp_header(5, 7, 24, 3)) == "the BMP file is damaged: 24 bits a pixel");
  CHECK(error_of(bmp_header(5, 7, 24, 0, 39)) ==
        "the BMP file is damaged: its header has 39 bytes");
  CHECK(error_of(bmp_header(5, 7, 24, 0, 1 << 30)) ==
        "the BMP file is damaged: its header has 1073741824 bytes");
}

TEST_CASE("a BMP of negative height is one from the top") {
  CHECK(header_of(bmp_header(5, 0xFFFFFFF9)).height == 7);
}

TEST_CASE("PNM headers may have comments and any blanks") {
  const ImageHeader header = header_of("P2# one\n\t# two\r\n5\v# three\n\f7 \r 65535 ");
  CHECK(header.width == 5);
  CHECK(header.height == 7);
}

TEST_CASE("a damaged PNM header is refused") {
  const auto [file, why] = GENERATE(table<std::string, std::string>({
      {"P6 text", "its width is no number"},
      {"P6 -5 7 255\n", "its width is no number"},
      {"P6 5 0x7 255\n", "its maximal value is no number"},
      {"P6 5 7 \1\n", "its maximal value is no number"},
      {"P6 5 7 65536\n", "its maximal value is above 65535"},
      {"P6 5 7 0\n", "its maximal value is 0"},
      {"P4 5 7x", "its header has no end"},
  }));
  CHECK(error_of(file) == "the PNM file is damaged: " + why);
  CHECK(error_of("P6 5 # no end") == "the PNM file ends too early");
}

}  // namespace
}  // namespace mobireg
