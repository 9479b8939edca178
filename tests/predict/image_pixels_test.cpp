#include "deploy/image_pixels.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "data/image_store.h"
#include "data/labelled_folder.h"
#include "mobireg/core/error.h"
#include "mobireg/core/file.h"
#include "predict/file_pixels.h"

namespace mobireg {
namespace {

std::vector<float> planes_of(const cv::Mat& image, const CropSquare* crop,
                             const InputConfig& input) {
  std::vector<float> planes(input_values(input));
  image_pixels(image, crop, input, planes.data());
  return planes;
}

std::vector<float> planes_of(const Image& image) {
  std::vector<float> planes(image.pixels.size());
  to_planes(image, planes.data());
  return planes;
}

/// An image of a folder of one, and how it is resized.
struct Case {
  TemporaryFolder folder;
  std::filesystem::path path;
  DataConfig data;
  ModelConfig model;

  Case(const char* name, Interpolation interpolation, ColorMode color_mode) {
    path = folder.path() / name;
    write_random_image(path, 90, 70, 5);
    write_text(folder.path() / "l.csv",
               std::string("filename,yaw,left,top,right,bottom\n") + name + ",0,20,-5,60,60\n");
    data.csv = folder.path() / "l.csv";
    data.directory = folder.path();
    data.y_col = {"yaw"};
    data.validation.rule = SplitRule::kNone;
    model.outputs = {{"yaw", Unit::kRadians}};
    model.input.size = 32;
    model.input.interpolation = interpolation;
    model.input.color_mode = color_mode;
    model = resolve_config(model);
  }

  Image of_training() const { return open_dataset(data, model, 1).input_image(0); }
};

template <class Check>
void for_all_inputs(const char* name, const Check& check) {
  for (const Interpolation interpolation :
       {Interpolation::kNearest, Interpolation::kBilinear, Interpolation::kArea}) {
    for (const ColorMode color_mode : {ColorMode::kRgb, ColorMode::kGrayscale}) {
      CAPTURE(static_cast<int>(interpolation), static_cast<int>(color_mode));
      check(Case(name, interpolation, color_mode));
    }
  }
}

TEST_CASE("an image gives the network the pixels that training gave it") {
  for_all_inputs("a.png", [](const Case& c) {
    const std::vector<float> expected = planes_of(c.of_training());
    CHECK(planes_of(cv::imread(c.path.string()), nullptr, c.model.input) == expected);
    CHECK(planes_of(file_pixels(read_file(c.path), nullptr, c.model.input)) == expected);
  });
}

TEST_CASE("a box gives the network the crop that training cut, beyond the border as well") {
  for_all_inputs("a.png", [](Case c) {
    c.data.box = {"left", "top", "right", "bottom"};
    c.data.crop_margin = {0.1, 0.1};
    const std::vector<float> expected = planes_of(c.of_training());
    const CropSquare crop = crop_of({20, -5, 60, 60}, 0.1);
    CHECK(planes_of(cv::imread(c.path.string()), &crop, c.model.input) == expected);
    CHECK(planes_of(file_pixels(read_file(c.path), &crop, c.model.input)) == expected);
  });
}

TEST_CASE("a JPEG file is decoded at the scale that training decodes it at") {
  for_all_inputs("a.jpg", [](Case c) {
    CHECK(planes_of(file_pixels(read_file(c.path), nullptr, c.model.input)) ==
          planes_of(c.of_training()));
    c.data.box = {"left", "top", "right", "bottom"};
    const CropSquare crop = crop_of({20, -5, 60, 60}, 0);
    const std::vector<float> expected = planes_of(c.of_training());
    CHECK(planes_of(file_pixels(read_file(c.path), &crop, c.model.input)) == expected);
    CHECK(planes_of(cv::imread(c.path.string()), &crop, c.model.input) != expected);
  });
}

TEST_CASE("alpha is dropped, grey is repeated, and rows may have gaps between them") {
  Case c("a.png", Interpolation::kBilinear, ColorMode::kRgb);
  const cv::Mat bgr = cv::imread(c.path.string());
  const std::vector<float> expected = planes_of(bgr, nullptr, c.model.input);
  cv::Mat bgra;
  cv::cvtColor(bgr, bgra, cv::COLOR_BGR2BGRA);
  CHECK(planes_of(bgra, nullptr, c.model.input) == expected);
  cv::Mat wide(bgr.rows, bgr.cols + 9, CV_8UC3);
  cv::Mat part = wide.colRange(4, 4 + bgr.cols);
  bgr.copyTo(part);
  CHECK(planes_of(part, nullptr, c.model.input) == expected);

  cv::Mat grey, repeated;
  cv::cvtColor(bgr, grey, cv::COLOR_BGR2GRAY);
  cv::cvtColor(grey, repeated, cv::COLOR_GRAY2BGR);
  CHECK(planes_of(grey, nullptr, c.model.input) == planes_of(repeated, nullptr, c.model.input));
  c.model.input.color_mode = ColorMode::kGrayscale;
  c.model.input.mean = c.model.input.scale = {1};
  CHECK(planes_of(bgra, nullptr, c.model.input) == planes_of(bgr, nullptr, c.model.input));
}

TEST_CASE("the square about a box is the one of training") {
  const CropSquare square = crop_of({10, 20, 40, 30}, 0.25);
  const CropSquare expected = with_margin({10, 10, 30}, 0.25);
  CHECK(square.left == expected.left);
  CHECK(square.top == expected.top);
  CHECK(square.side == expected.side);
}

TEST_CASE("images and boxes that are none are refused") {
  const InputConfig input = Case("a.png", Interpolation::kArea, ColorMode::kRgb).model.input;
  CHECK_THROWS_WITH(planes_of(cv::Mat(), nullptr, input), "the image is empty");
  CHECK_THROWS_WITH(
      planes_of(cv::Mat(4, 4, CV_16UC3), nullptr, input),
      "an image of 3 channels of OpenCV's depth 2; 8-bit BGR, BGRA or grey is needed");
  CHECK_THROWS_WITH(planes_of(cv::Mat(4, 4, CV_8UC2), nullptr, input),
                    Catch::Contains("an image of 2 channels"));
  CHECK_THROWS_WITH(crop_of({3, 1, 2, 9}, 0), Catch::Contains("the box 3, 1, 2, 9 is no box"));
  CHECK_THROWS_WITH(crop_of({NAN, 1, 2, 9}, 0), Catch::Contains("is no box"));
  CHECK_THROWS_WITH(crop_of({0, 0, INFINITY, 9}, 0), Catch::Contains("is no box"));
}

}  // namespace
}  // namespace mobireg
