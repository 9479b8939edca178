#include "predict/file_pixels.h"

#include "image/image_decoder.h"
#include "image/image_resize.h"

namespace mobireg {

Image file_pixels(const std::string& bytes, const CropSquare* crop, const InputConfig& input) {
  DecodeOptions options;
  options.color_mode = input.color_mode;
  options.exif_orientation = input.exif_orientation;
  if (input.dct_scaling) options.min_side = input.size;
  if (crop != nullptr) options.of_side = crop->side;
  const DecodedImage decoded = decode_image(bytes, options);
  const ImageView view = decoded.image.view();
  if (crop == nullptr) return resize_image(view, input.size, input.interpolation);
  const CropSquare scaled{crop->left * decoded.scale, crop->top * decoded.scale,
                          crop->side * decoded.scale};
  return crop_image(view, scaled, input.size, input.interpolation);
}

}  // namespace mobireg
