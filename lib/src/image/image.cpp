#include "mobireg/image/image.h"

#include <system_error>

#include "core/fail.h"
#include "image/image_decoder.h"
#include "image/image_resize.h"
#include "mobireg/core/file.h"

namespace mobireg {

Image read_image(const std::filesystem::path& path, const InputConfig& input) {
  constexpr std::uintmax_t kMaxFileBytes = std::uintmax_t{1} << 30;
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (!error && size > kMaxFileBytes) fail("{}: it is larger than 1 GiB", path.string());
  const std::string bytes = read_file(path);
  DecodeOptions options;
  options.color_mode = input.color_mode;
  options.exif_orientation = input.exif_orientation;
  if (input.dct_scaling) options.min_side = input.size;
  try {
    const DecodedImage decoded = decode_image(bytes, options);
    return resize_image(decoded.image.view(), input.size, input.interpolation);
  } catch (const Error& error) {
    fail("{}: {}", path.string(), error.what());
  }
}

}  // namespace mobireg
