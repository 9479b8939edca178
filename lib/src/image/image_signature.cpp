#include "image/image_signature.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "core/fail.h"

namespace mobireg {
namespace {

using namespace std::string_view_literals;

struct Signature {
  std::size_t at;
  std::string_view bytes;
  const char* name;
};

constexpr Signature kOthers[] = {
    {0, "GIF8"sv, "a GIF file"},
    {0, "II*\0"sv, "a TIFF file"},
    {0, "MM\0*"sv, "a TIFF file"},
    {8, "WEBP"sv, "a WebP file"},
    {4, "ftypavif"sv, "an AVIF file"},
    {4, "ftyphei"sv, "a HEIC file"},
    {4, "ftyphev"sv, "a HEIC file"},
    {4, "ftypmif1"sv, "a HEIC file"},
    {4, "ftypmsf1"sv, "a HEIC file"},
    {4, "ftyp"sv, "a video (MP4 or the like)"},
    {4, "jP  \r\n\x87\n"sv, "a JPEG 2000 file"},
    {0, "\xFF\x4F\xFF\x51"sv, "a JPEG 2000 file"},
    {0, "\xFF\x0A"sv, "a JPEG XL file"},
    {4, "JXL \r\n\x87\n"sv, "a JPEG XL file"},
    {0, "8BPS"sv, "a Photoshop file"},
    {0, "\0\0\1\0"sv, "an icon (ICO)"},
    {0, "qoif"sv, "a QOI file"},
    {0, "v/1\1"sv, "an OpenEXR file"},
    {0, "#?RADIANCE"sv, "a Radiance HDR file"},
    {0, "\x93NUMPY"sv, "a NumPy file"},
    {0, "%PDF"sv, "a PDF file"},
    {0, "PK\3\4"sv, "a ZIP archive"},
    {0, "\x1F\x8B"sv, "a gzip file"},
    {0, "version https://git-lfs"sv, "a Git LFS pointer, not the file itself"},
    {0, "<svg"sv, "an SVG file"},
    {0, "<?xml"sv, "an XML file"},
};

bool has(std::string_view bytes, std::size_t at, std::string_view signature) {
  return bytes.size() >= at && bytes.substr(at, signature.size()) == signature;
}

bool is_html(std::string_view bytes) {
  std::string text(bytes.substr(0, bytes.find_first_of(" >")));
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text == "<html" || text == "<!doctype";
}

bool is_text(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](unsigned char c) {
    return (c >= 0x20 && c != 0x7F) || c == '\n' || c == '\r' || c == '\t';
  });
}

const char* name_of_other(std::string_view bytes) {
  for (const Signature& other : kOthers) {
    if (has(bytes, other.at, other.bytes)) return other.name;
  }
  if (is_html(bytes)) return "an HTML page";
  if (is_text(bytes)) return "a text file";
  if (bytes.find_first_not_of('\0') == std::string_view::npos) return "a file of zeros";
  return "of no known format";
}

bool is_pnm(std::string_view bytes) {
  return bytes.size() > 2 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '6' &&
         (std::isspace(static_cast<unsigned char>(bytes[2])) != 0 || bytes[2] == '#');
}

}  // namespace

ImageFormat detect_format(std::string_view first_bytes) {
  if (first_bytes.empty()) fail("the image file is empty");
  if (has(first_bytes, 0, "\xFF\xD8"sv)) return ImageFormat::kJpeg;
  if (has(first_bytes, 0, "\x89PNG\r\n\x1A\n"sv)) return ImageFormat::kPng;
  if (has(first_bytes, 0, "BM"sv)) return ImageFormat::kBmp;
  if (is_pnm(first_bytes)) return ImageFormat::kPnm;
  fail("it is {}; JPEG, PNG, BMP and PNM are read", name_of_other(first_bytes));
}

}  // namespace mobireg
