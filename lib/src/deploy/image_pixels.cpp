#include "deploy/image_pixels.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "core/fail.h"
#include "image/image_resize.h"

namespace mobireg {
namespace {

void check_image(const cv::Mat& image) {
  if (image.empty()) fail("the image is empty");
  const int channels = image.channels();
  if (image.dims == 2 && image.depth() == CV_8U &&
      (channels == 1 || channels == 3 || channels == 4)) {
    return;
  }
  fail("an image of {} channels of OpenCV's depth {}; 8-bit BGR, BGRA or grey is needed", channels,
       image.depth());
}

/// With the weights of the image decoder (and of Pillow).
cv::Mat to_grey(const cv::Mat& colour) {
  const int channels = colour.channels();
  cv::Mat grey(colour.rows, colour.cols, CV_8U);
  for (int y = 0; y < colour.rows; ++y) {
    const std::uint8_t* bgr = colour.ptr(y);
    std::uint8_t* out = grey.ptr(y);
    for (int x = 0; x < colour.cols; ++x, bgr += channels) {
      const int sum = bgr[2] * 19595 + bgr[1] * 38470 + bgr[0] * 7471;
      out[x] = static_cast<std::uint8_t>((sum + 0x8000) >> 16);
    }
  }
  return grey;
}

/// Grey, or BGR for networks of colour images, its rows without gaps.
cv::Mat plain_image(const cv::Mat& image, const InputConfig& input) {
  if (image.channels() > 1 && input.channels() == 1) return to_grey(image);
  cv::Mat plain = image;
  if (image.channels() == 4) cv::cvtColor(image, plain, cv::COLOR_BGRA2BGR);
  return plain.isContinuous() ? plain : plain.clone();
}

/// planes[c] is channel `channel_of[c]` of the image.
void split_planes(const Image& image, int planes_count, const int* channel_of, float* planes) {
  const std::size_t pixels = image.view().size() / static_cast<std::size_t>(image.channels);
  for (int c = 0; c < planes_count; ++c) {
    const std::uint8_t* in = image.pixels.data() + channel_of[c];
    for (std::size_t i = 0; i < pixels; ++i, in += image.channels) {
      *planes++ = static_cast<float>(*in);
    }
  }
}

constexpr int kInOrder[] = {0, 1, 2};
constexpr int kFromBgr[] = {2, 1, 0};
constexpr int kFromGrey[] = {0, 0, 0};

}  // namespace

CropSquare crop_of(const FaceBox& face, double margin) {
  const double width = face.x1 - face.x0;
  const double height = face.y1 - face.y0;
  if (!(width > 0 && height > 0 && std::isfinite(width) && std::isfinite(height))) {
    fail("the box {}, {}, {}, {} is no box; left < right and top < bottom are needed", face.x0,
         face.y0, face.x1, face.y1);
  }
  const double side = std::max(width, height);
  const double added = side * margin;
  return {(face.x0 + face.x1 - side) / 2 - added, (face.y0 + face.y1 - side) / 2 - added,
          side + 2 * added};
}

std::size_t input_values(const InputConfig& input) {
  const auto size = static_cast<std::size_t>(input.size);
  return size * size * static_cast<std::size_t>(input.channels());
}

void to_planes(const Image& image, float* planes) {
  split_planes(image, image.channels, kInOrder, planes);
}

// Channels are resized apart, so their order is changed last, where it costs least.
void image_pixels(const cv::Mat& image, const CropSquare* crop, const InputConfig& input,
                  float* planes) {
  check_image(image);
  const cv::Mat plain = plain_image(image, input);
  const ImageView view{plain.rows, plain.cols, plain.channels(), plain.ptr()};
  const Image resized = crop != nullptr ? crop_image(view, *crop, input.size, input.interpolation)
                                        : resize_image(view, input.size, input.interpolation);
  split_planes(resized, input.channels(), resized.channels == 3 ? kFromBgr : kFromGrey, planes);
}

}  // namespace mobireg
