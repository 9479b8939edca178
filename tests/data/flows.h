#pragma once

#include <torch/types.h>

#include <opencv2/imgcodecs.hpp>
#include <string>
#include <vector>

#include "data/labelled_folder.h"
#include "mobireg/data/image_data_generator.h"

namespace mobireg {

using Numbers = std::vector<float>;

inline DataFrame frame_of(const LabelledFolder& folder) {
  return DataFrame::read_csv(folder.csv_path());
}

/// In order, the images as they are.
inline FlowOptions plain_flow(const LabelledFolder& folder) {
  FlowOptions flow;
  flow.directory = folder.path();
  flow.y_col = {"angle"};
  flow.target_size = 32;
  flow.batch_size = 4;
  flow.shuffle = false;
  flow.threads = 1;
  return flow;
}

inline Numbers numbers_of(const torch::Tensor& tensor) {
  const torch::Tensor values = tensor.contiguous();
  return {values.data_ptr<float>(), values.data_ptr<float>() + values.numel()};
}

inline Numbers labels_of_pass(DataFrameIterator& iterator) {
  Numbers labels;
  for (std::int64_t i = 0; i < iterator.size(); ++i) {
    for (const float label : numbers_of(iterator.next().targets)) labels.push_back(label);
  }
  return labels;
}

/// The row's image file, RGB.
inline torch::Tensor pixels_of(const LabelledFolder& folder, int row) {
  const cv::Mat bgr =
      cv::imread((folder.path() / "images" / (std::to_string(row) + ".png")).string());
  return torch::from_blob(bgr.data, {bgr.rows, bgr.cols, 3}, torch::kByte)
      .flip(2)
      .to(torch::kFloat);
}

inline ImageDataGeneratorOptions augmenting() {
  ImageDataGeneratorOptions options;
  options.rotation_range = 20;
  options.width_shift_range = ShiftRange::uniform(0.2);
  options.brightness_range = Interval{0.7, 1.3};
  options.horizontal_flip = true;
  return options;
}

}  // namespace mobireg
