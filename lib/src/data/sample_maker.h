#pragma once

#include "augmentation/affine.h"
#include "augmentation/colour.h"
#include "mobireg/augmentation/augmentation.h"
#include "mobireg/core/random.h"
#include "mobireg/data/batch.h"

namespace mobireg {

/// A sample to whose pixels `colour` is still to be done.
struct DrawnSample {
  Sample sample;
  ColourChange colour;
  Affine to_plain;  // from its pixels to those of the plain view; where `geometry` is asked for

  void finish_colour();
};

/// Makes a dataset's samples one at a time, in the same memory. Each is a function of (seed, pass,
/// position) and its row alone.
class SampleMaker {
 public:
  /// Both must outlive this.
  SampleMaker(const ImageRegressionDataset& dataset, const BatchOptions& options)
      : dataset_(dataset), options_(options) {}

  /// Valid until the next one is made. Its colour is finished where a callback has seen the pixels
  /// or they are to be saved. Throws Error when the image cannot be read.
  DrawnSample& make(std::int64_t row, std::int64_t pass, std::int64_t position);

  /// The same, but null, with a warning, where the image cannot be read and may be left out.
  const DrawnSample* make_readable(std::int64_t row, std::int64_t pass, std::int64_t position);

 private:
  void take_plain(std::int64_t row);
  /// The row's targets, and what teachers said, each as `move` moves them.
  template <class Move>
  void take_targets(std::int64_t row, const Move& move);
  void take_plain_view(std::int64_t row);
  void augment(std::int64_t row, Random& random);
  void augment_values(const AugmentationParameters& parameters, Random& random);
  void preprocess(std::vector<float>& pixels) const;

  const ImageRegressionDataset& dataset_;
  const BatchOptions& options_;
  DrawnSample drawn_;
};

}  // namespace mobireg
