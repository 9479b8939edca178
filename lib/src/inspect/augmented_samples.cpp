#include "inspect/augmented_samples.h"

#include <algorithm>
#include <cmath>

#include "mobireg/data/batch.h"
#include "mobireg/data/standardizer.h"

namespace mobireg {
namespace {

/// Without what would have to be fitted to all images: samples are not standardised.
ModelConfig without_fitting(ModelConfig model) {
  model.input.featurewise_center = false;
  model.input.featurewise_std_normalization = false;
  model.input.zca_whitening = false;
  return model;
}

LabelledImage to_picture(const Sample& sample, const InputConfig& input) {
  LabelledImage picture{{input.size, input.size, input.channels(), {}}, sample.targets};
  picture.image.pixels.reserve(sample.pixels.size());
  for (const float pixel : sample.pixels) {
    picture.image.pixels.push_back(
        static_cast<std::uint8_t>(std::lround(std::clamp(pixel, 0.0F, 255.0F))));
  }
  return picture;
}

}  // namespace

std::vector<std::vector<LabelledImage>> augmented_draws(const ImageRegressionDataset& train,
                                                        const RunConfig& config,
                                                        const std::vector<std::int64_t>& rows,
                                                        int draws) {
  const ModelConfig model = without_fitting(config.model);
  BatchOptions options;
  options.seed = config.seed;
  options.augment = true;
  options.augmentation = config.augmentation;
  const BatchSource source(train, model, std::make_shared<Standardizer>(model.input), options);
  std::vector<std::vector<LabelledImage>> all;
  for (const std::int64_t row : rows) {
    all.emplace_back();
    for (int pass = 0; pass < draws; ++pass) {
      all.back().push_back(to_picture(source.sample(row, pass, row), model.input));
    }
  }
  return all;
}

}  // namespace mobireg
