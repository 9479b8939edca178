#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mobireg/config/augmentation_config.h"
#include "mobireg/config/model_config.h"

namespace mobireg {

/// What the weights of an exported file are kept as.
enum class Precision { kFloat32, kFloat16, kInt8 };

/// One CSV that a network was trained on.
struct TrainingSet {
  std::string csv;          // its name, without folders
  bool face_boxes = false;  // crops about a box in the CSV; else whole images
  Range crop_margin;        // of the box, as drawn in training
};

/// Errors on rows that were not trained on, in report units (angles in degrees).
struct HeldOutErrors {
  std::string rows;          // which, such as "validation"
  std::int64_t count = 0;    // of the rows; 0: not known
  std::string unit;          // of `mae`; empty where the outputs' units differ
  double mae = 0;            // mean absolute error over all outputs
  std::vector<double> maes;  // of each output; empty: not known
};

/// What travels with every exported file, so that whoever has the file alone can use it.
/// docs/deployment.md describes its JSON.
struct ModelCard {
  ModelConfig model;  // outputs, units, convention, input size, channels, mean, scale
  bool normalization_inside = true;  // false: the caller feeds (pixel - mean) / scale
  /// Of that form, one value a channel; empty where the input's standardisation is not of it.
  std::vector<double> mean;
  std::vector<double> scale;
  Precision precision = Precision::kFloat32;
  std::vector<TrainingSet> training_sets;
  std::int64_t training_rows = 0;  // 0: not known
  std::string data_fingerprint;    // the checkpoint's; empty: not known
  int epoch = 0;                   // completed epochs of training
  std::int64_t step = 0;
  std::optional<HeldOutErrors> held_out;
  std::string checkpoint_sha256;
  std::string mobireg_version;  // of the program that wrote the file

  /// What is added to a face's box, each way, as a share of its longer side: the middle of what
  /// training drew from. Unset where it saw whole images.
  std::optional<double> crop_margin() const;

  /// What it is, what goes in and what comes out, in a sentence or two.
  std::string summary() const;

  std::string to_json() const;

  /// Throws Error, beginning with `origin`.
  static ModelCard from_json(const std::string& json, const std::string& origin);
};

}  // namespace mobireg
