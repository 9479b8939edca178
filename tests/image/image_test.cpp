#include "mobireg/image/image.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "data/labelled_folder.h"
#include "fixture.h"
#include "image/image_decoder.h"
#include "image/image_resize.h"
#include "image/pillow_images.h"
#include "mobireg/core/error.h"
#include "mobireg/core/file.h"

namespace mobireg {
namespace {

using nlohmann::json;

InputConfig input_of(int size, ColorMode mode = ColorMode::kRgb) {
  InputConfig input;
  input.size = size;
  input.color_mode = mode;
  return input;
}

TEST_CASE("a file that is no image is refused with its path and why") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.png";
  CHECK_THROWS_MATCHES(
      read_image(path, input_of(32)), Error,
      Catch::Message("cannot read '" + path.string() + "': No such file or directory"));
  write_text(path, "");
  CHECK_THROWS_MATCHES(read_image(path, input_of(32)), Error,
                       Catch::Message(path.string() + ": the image file is empty"));
  write_text(path, "GIF89a");
  CHECK_THROWS_MATCHES(
      read_image(path, input_of(32)), Error,
      Catch::Message(path.string() + ": it is a GIF file; JPEG, PNG, BMP and PNM are read"));
  std::filesystem::resize_file(path, (std::uintmax_t{1} << 30) + 1);  // sparse
  CHECK_THROWS_MATCHES(read_image(path, input_of(32)), Error,
                       Catch::Message(path.string() + ": it is larger than 1 GiB"));
}

TEST_CASE("an image of more than 64 million pixels is refused") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.pgm";
  write_text(path, "P5 8000 8001 255\n");
  CHECK_THROWS_MATCHES(read_image(path, input_of(32, ColorMode::kGrayscale)), Error,
                       Catch::Message(path.string() + ": the image has 8000x8001 pixels; at most "
                                                      "64 megapixels are read"));
}

TEST_CASE("what an image is does not depend on its name") {
  const TemporaryFolder folder;
  write_random_image(folder.path() / "a.png", 32, 32, 1);
  const Image image = read_image(folder.path() / "a.png", input_of(32));
  std::filesystem::rename(folder.path() / "a.png", folder.path() / "a.jpg");
  CHECK(read_image(folder.path() / "a.jpg", input_of(32)).pixels == image.pixels);
}

TEST_CASE("EXIF orientation and DCT scaling are as the input's config says") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.jpg";
  write_text(path, image_file("JPEG with little-endian EXIF"));  // 17x13, turned by orientation 6
  InputConfig input = input_of(64);
  const Image upright = read_image(path, input);
  input.exif_orientation = false;
  const Image stored = read_image(path, input);
  CHECK(upright.pixels[63 * 3] == stored.pixels[0]);  // the first column is the top row
  CHECK(upright.pixels != stored.pixels);

  write_random_image(path, 128, 128, 1);
  const Image half = read_image(path, input);
  input.dct_scaling = false;
  const Image whole = read_image(path, input);
  CHECK(half.pixels != whole.pixels);
  const DecodedImage decoded = decode_image(read_file(path), {});
  CHECK(whole.pixels == resize_image(decoded.image.view(), 64, input.interpolation).pixels);
  input = input_of(65);  // half would be less
  const Image scaled = read_image(path, input);
  input.dct_scaling = false;
  CHECK(scaled.pixels == read_image(path, input).pixels);
}

TEST_CASE("pixels come in RGB order, rows from the top") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.png";
  cv::Mat bgr(32, 32, CV_8UC3, cv::Scalar(3, 2, 1));
  bgr.at<cv::Vec3b>(0, 1) = {30, 20, 10};
  cv::imwrite(path.string(), bgr);
  const Image image = read_image(path, input_of(32));
  CHECK(image.channels == 3);
  CHECK(image.pixels.size() == 32 * 32 * 3);
  const std::vector<std::uint8_t> begin(image.pixels.begin(), image.pixels.begin() + 9);
  CHECK(begin == std::vector<std::uint8_t>{1, 2, 3, 10, 20, 30, 1, 2, 3});
}

TEST_CASE("a grey network gets grey pixels, from grey and from coloured files") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.png";
  cv::imwrite(path.string(), cv::Mat(32, 32, CV_8UC1, cv::Scalar(77)));
  const Image grey = read_image(path, input_of(32, ColorMode::kGrayscale));
  CHECK(grey.channels == 1);
  CHECK(grey.pixels == std::vector<std::uint8_t>(32 * 32, 77));
  cv::imwrite(path.string(), cv::Mat(32, 32, CV_8UC3, cv::Scalar(50, 100, 200)));
  const Image coloured = read_image(path, input_of(32, ColorMode::kGrayscale));
  REQUIRE(coloured.pixels.size() == 32 * 32);
  CHECK(std::abs(coloured.pixels[0] - (0.299 * 200 + 0.587 * 100 + 0.114 * 50)) < 1.5);
  CHECK(read_image(path, input_of(32)).pixels.size() == 32 * 32 * 3);
}

TEST_CASE("a grey file gives three equal channels") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.png";
  write_random_image(path, 32, 32, 1, 1);
  const Image image = read_image(path, input_of(32));
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    REQUIRE(image.pixels[i] == image.pixels[i + 1]);
    REQUIRE(image.pixels[i] == image.pixels[i + 2]);
  }
}

TEST_CASE("nearest resize takes the pixels that Pillow takes") {
  const json resizes = read_fixture("keras_augmentation.json")["nearest"];
  REQUIRE(resizes.size() >= 10);
  const bool across = GENERATE(true, false);
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.png";
  for (const json& resize : resizes) {
    const int source = resize["source"];
    const int target = resize["target"];
    INFO(source << " to " << target << (across ? " across" : " down"));
    cv::Mat ramp(1, source, CV_8UC3);  // position in green and blue
    for (int i = 0; i < source; ++i) ramp.at<cv::Vec3b>(0, i) = cv::Vec3b(i % 256, i / 256, 0);
    cv::imwrite(path.string(), across ? ramp : ramp.t());
    const Image image = read_image(path, input_of(target));
    std::vector<int> positions;
    for (int i = 0; i < target; ++i) {
      const auto* pixel = &image.pixels[static_cast<std::size_t>(i * 3 * (across ? 1 : target))];
      positions.push_back(pixel[1] * 256 + pixel[2]);
    }
    CHECK(positions == resize["positions"].get<std::vector<int>>());
  }
}

TEST_CASE("bilinear and area resize are OpenCV's, area only to shrink") {
  const auto [interpolation, side, flag] =
      GENERATE(table<Interpolation, int, int>({{Interpolation::kBilinear, 100, cv::INTER_LINEAR},
                                               {Interpolation::kArea, 100, cv::INTER_AREA},
                                               {Interpolation::kArea, 20, cv::INTER_LINEAR}}));
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.png";
  write_random_image(path, side, side, 1, 1);
  cv::Mat expected;
  cv::resize(cv::imread(path.string(), cv::IMREAD_GRAYSCALE), expected, {32, 32}, 0, 0, flag);
  InputConfig input = input_of(32, ColorMode::kGrayscale);
  input.interpolation = interpolation;
  CHECK(read_image(path, input).pixels ==
        std::vector<std::uint8_t>(expected.datastart, expected.dataend));
}

TEST_CASE("a JPEG is whole when its end marker stands behind its scan") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.jpg";
  write_random_image(path, 64, 64, 1);
  const std::string jpeg = read_file(path);
  const Image whole = read_image(path, input_of(64));
  // A thumbnail in front brings an end marker of its own; cameras leave bytes behind the end.
  const std::string thumbnail = std::string("\xFF\xE1\x00\x06", 4) + "\xFF\xD8\xFF\xD9";
  write_text(path, jpeg.substr(0, 2) + thumbnail + jpeg.substr(2) + "\xFF\xDA trailing");
  CHECK(read_image(path, input_of(64)).pixels == whole.pixels);

  const std::size_t missing = GENERATE(1, 2, 500);
  write_text(path, jpeg.substr(0, 2) + thumbnail + jpeg.substr(2, jpeg.size() - 2 - missing));
  CHECK_THROWS_WITH(read_image(path, input_of(64)),
                    path.string() + ": the JPEG file ends too early");
}

}  // namespace
}  // namespace mobireg
