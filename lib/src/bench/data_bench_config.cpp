#include "mobireg/bench/data_bench.h"

namespace mobireg {
namespace {

PixelOperationConfig blur(Range sigma) {
  PixelOperationConfig operation;
  operation.name = PixelOperation::kGaussianBlur;
  operation.sigma = sigma;
  return operation;
}

PixelOperationConfig dropout(Range p) {
  PixelOperationConfig operation;
  operation.name = PixelOperation::kDropout;
  operation.p = p;
  return operation;
}

PixelOperationConfig noise(double loc, double scale) {
  PixelOperationConfig operation;
  operation.name = PixelOperation::kAdditiveGaussianNoise;
  operation.loc = Range{loc, loc};
  operation.scale = Range{scale, scale};
  return operation;
}

/// A set with the columns of `columns` and nothing else of it.
DataSetConfig all_rows_of(const std::filesystem::path& csv, const DataSetConfig& columns) {
  DataSetConfig set;
  set.csv = csv;
  set.x_col = columns.x_col;
  set.y_col = columns.y_col;
  set.validation.rule = SplitRule::kNone;
  return set;
}

}  // namespace

RunConfig recipe_config() {
  RunConfig config;
  AugmentationConfig& augmentation = config.augmentation;
  augmentation.rotation_range = 10;
  augmentation.width_shift_range = ShiftRange::uniform(0.1);
  augmentation.height_shift_range = ShiftRange::uniform(0.1);
  augmentation.shear_range = 0.1;
  augmentation.zoom_range = {0.85, 1.15};
  augmentation.brightness_range = {1.0, 1.3};
  augmentation.steps = {
      {0.5, {blur({0, 0.5}), dropout({0, 0.03}), noise(0, 7.65), noise(32, 0.255)}}};
  return config;
}

RunConfig data_bench_config(const DataBenchOptions& options) {
  RunConfig config =
      options.config.empty() ? recipe_config() : load_run_config(options.config, options.overrides);
  if (!options.images.empty()) {
    DataSetConfig& set = config.data;
    set = all_rows_of(options.images, config.data.all_sets().front());
    config.data.sets.clear();
  }
  if (options.mode) config.data.mode = *options.mode;
  if (!options.dct_scaling) config.model.input.dct_scaling = false;
  if (!options.config.empty()) return resolve_config(std::move(config));
  return with_overrides(std::move(config), options.overrides, "the recipe");
}

}  // namespace mobireg
