#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mobireg/augmentation/augmentation.h"
#include "mobireg/config/augmentation_config.h"
#include "mobireg/config/data_config.h"
#include "mobireg/config/model_config.h"
#include "mobireg/data/batch.h"
#include "mobireg/data/data_frame.h"
#include "mobireg/data/standardizer.h"

namespace mobireg {

enum class DataFormat { kChannelsLast, kChannelsFirst };

/// The parameters of Keras's ImageDataGenerator (tf.keras 2.15.1): its names, defaults, units and
/// meaning.
struct ImageDataGeneratorOptions {
  bool featurewise_center = false;
  bool samplewise_center = false;
  bool featurewise_std_normalization = false;  // sets featurewise_center
  bool samplewise_std_normalization = false;   // sets samplewise_center
  bool zca_whitening = false;  // sets featurewise_center, unsets featurewise_std_normalization
  double zca_epsilon = 1e-6;
  double rotation_range = 0.0;  // degrees, either way
  ShiftRange width_shift_range;
  ShiftRange height_shift_range;
  std::optional<Interval> brightness_range;
  double shear_range = 0.0;  // degrees, either way
  ZoomRange zoom_range;
  double channel_shift_range = 0.0;
  FillMode fill_mode = FillMode::kNearest;
  double cval = 0.0;
  bool horizontal_flip = false;
  bool vertical_flip = false;
  std::optional<double> rescale;  // 0: as if it were not given
  /// Before the standardisation. Sees (height, width, channels) float of 0 to 255, whatever the
  /// data format.
  ImageCallback preprocessing_function;
  DataFormat data_format = DataFormat::kChannelsLast;
  double validation_split = 0.0;      // 0, or between 0 and 1
  int interpolation_order = 1;        // 0 to 5
  at::ScalarType dtype = at::kFloat;  // of batches: kFloat, kDouble or kHalf
};

struct FitOptions {
  bool augment = false;
  int rounds = 1;  // passes over the images, where they are augmented
  std::uint64_t seed = 1;
};

/// Both give the numbers of `y_col`; `kOther` is the older name.
enum class ClassMode { kRaw, kOther };

enum class Subset { kNone, kTraining, kValidation };

/// The parameters of Keras's flow_from_dataframe, then those that it has not.
struct FlowOptions {
  std::filesystem::path directory;  // empty: the folder of the data frame's file
  std::string x_col = "filename";
  std::vector<std::string> y_col;  // one or several
  std::string weight_col;          // empty: none
  int target_size = 256;           // pixels a side
  ColorMode color_mode = ColorMode::kRgb;
  ClassMode class_mode = ClassMode::kRaw;
  int batch_size = 32;
  bool shuffle = true;
  std::uint64_t seed = 1;
  std::filesystem::path save_to_dir;  // of every image of every batch; empty: none
  std::string save_prefix;
  Subset subset = Subset::kNone;
  Interpolation interpolation = Interpolation::kNearest;
  bool validate_filenames = true;

  ImageMode mode = ImageMode::kAuto;
  int threads = 0;       // that make a batch; 0: all cores
  WarningCallback warn;  // of rows that are left out
};

/// Endless batches of a data frame's images. Thread-safe.
class DataFrameIterator {
 public:
  ~DataFrameIterator();
  DataFrameIterator(DataFrameIterator&&) noexcept;
  DataFrameIterator& operator=(DataFrameIterator&&) noexcept;

  /// Rows.
  std::int64_t n() const;

  /// Batches in a pass over them; the last one may be smaller.
  std::int64_t size() const;

  /// The rows that batches refer to, in the data frame's order.
  const ImageRegressionDataset& dataset() const;

  /// The next batch: images (N, size, size, channels), or (N, channels, size, size) with
  /// kChannelsFirst, of the generator's dtype; targets (N, y_col) float; weights (N) float where
  /// there is a weight_col. Throws Error when an image cannot be read.
  Batch next();

  /// The next batch begins a new pass, with an order of its own.
  void reset();

 private:
  friend class ImageDataGenerator;
  struct State;
  explicit DataFrameIterator(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

/// Keras's ImageDataGenerator, for those who know it: the same names and, for given parameters, the
/// same pixels. What is drawn has the same distributions, but is not the same for the same seed; it
/// is a function of the seed, the pass and the position in it. docs/augmentation.md lists where it
/// differs.
///
/// Images are square, of 1 or 3 channels, their axes in the order of `data_format`, of any type;
/// float comes back. They are never changed in place. const members are thread-safe.
class ImageDataGenerator {
 public:
  /// Throws Error naming the option that is out of range.
  explicit ImageDataGenerator(ImageDataGeneratorOptions options = {});

  const ImageDataGeneratorOptions& options() const { return options_; }

  /// Computes what featurewise_center, featurewise_std_normalization and zca_whitening need from
  /// images (N of them along the first axis), after `rescale`. Throws Error when they have another
  /// shape, or when the whitening would not fit into memory.
  void fit(const at::Tensor& x, const FitOptions& options = {});

  /// One a channel; empty until fitted.
  const std::vector<double>& mean() const { return fitted_.input.feature_mean; }
  const std::vector<double>& std() const { return fitted_.input.feature_std; }
  /// (d, d) float, d = size * size * channels in HWC order; undefined until fitted.
  const at::Tensor& zca_whitening_matrix() const { return fitted_.whitening; }

  /// One image through preprocessing_function, rescale and the normalisations. Throws Error when
  /// fit was not called and is needed.
  at::Tensor standardize(const at::Tensor& x) const;

  /// For images of `size` pixels a side.
  AugmentationParameters get_random_transform(int size, std::uint64_t seed) const;

  at::Tensor apply_transform(const at::Tensor& x, const AugmentationParameters& parameters) const;

  at::Tensor random_transform(const at::Tensor& x, std::uint64_t seed) const;

  /// Rows whose image is missing or whose header is none, and rows whose label is not a number, are
  /// left out and told to `warn` where `validate_filenames`; the subsets are parts of those that
  /// are left. Without it such rows are an Error. Must be fitted before, where that is needed.
  DataFrameIterator flow_from_dataframe(const DataFrame& frame, const FlowOptions& options) const;

 private:
  AugmentationConfig augmentation() const;
  InputConfig input(int size, int channels) const;
  Standardizer standardizer(int size, int channels) const;

  ImageDataGeneratorOptions options_;
  FittedInput fitted_;
};

}  // namespace mobireg
