#pragma once

// The one list of every config field: its name, its value, what it means and which values are
// allowed. Reading, writing, `--set`, the unknown-field check and docs/configuration.md are
// visitors over it. A visitor is called as visitor(name, value, meaning, bound).

#include <limits>
#include <optional>
#include <utility>

#include "config/enum_names.h"
#include "mobireg/config/run_config.h"

namespace mobireg {

/// The numbers a field may take.
struct Bound {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_excluded = false;
  bool high_excluded = false;
  const char* text = "";
};

inline constexpr Bound kAny{};
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr Bound kPositive{0, kInfinity, true, false, "above 0"};
inline constexpr Bound kNotNegative{0, kInfinity, false, false, "0 or more"};
inline constexpr Bound kAtLeastOne{1, kInfinity, false, false, "1 or more"};
inline constexpr Bound kBelowOne{0, 1, false, true, "0 up to, not including, 1"};
inline constexpr Bound kFraction{0, 1, true, true, "between 0 and 1"};

template <class T>
inline constexpr bool is_config_struct = false;
template <>
inline constexpr bool is_config_struct<InputConfig> = true;
template <>
inline constexpr bool is_config_struct<OutputConfig> = true;
template <>
inline constexpr bool is_config_struct<HeadConfig> = true;
template <>
inline constexpr bool is_config_struct<ModelConfig> = true;
template <>
inline constexpr bool is_config_struct<SplitConfig> = true;
template <>
inline constexpr bool is_config_struct<DataSetConfig> = true;
template <>
inline constexpr bool is_config_struct<BalanceConfig> = true;
template <>
inline constexpr bool is_config_struct<DataConfig> = true;
template <>
inline constexpr bool is_config_struct<PixelOperationConfig> = true;
template <>
inline constexpr bool is_config_struct<AugmentationStep> = true;
template <>
inline constexpr bool is_config_struct<AugmentationConfig> = true;
template <>
inline constexpr bool is_config_struct<OptimizerConfig> = true;
template <>
inline constexpr bool is_config_struct<CheckpointConfig> = true;
template <>
inline constexpr bool is_config_struct<TrainingConfig> = true;
template <>
inline constexpr bool is_config_struct<RunConfig> = true;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class Visitor>
void visit_fields(Visitor& visit, InputConfig& c) {
  visit("size", c.size, "Pixels a side; a multiple of 32.",
        Bound{32, 4096, false, false, "a multiple of 32, up to 4096"});
  visit("color_mode", c.color_mode, "Channels the network sees, in this order.");
  visit("interpolation", c.interpolation,
        "How images are brought to the input size: `nearest` as Keras, `area` to shrink "
        "photographs.");
  visit("dct_scaling", c.dct_scaling,
        "Decode a JPEG at the smallest scale that still reaches the size: faster, and smoother.");
  visit("exif_orientation", c.exif_orientation, "Turn photographs as their EXIF data says.");
  visit("mean", c.mean, "Subtracted from pixels of 0 to 255; one value, or one a channel.");
  visit("scale", c.scale, "Divides after the mean is subtracted; one value, or one a channel.",
        kPositive);
  visit("rescale", c.rescale, "Multiplies after that (Keras's rescale); 0: none.");
  visit("samplewise_center", c.samplewise_center, "Then subtract each image's own mean.");
  visit("samplewise_std_normalization", c.samplewise_std_normalization,
        "Then divide by each image's own standard deviation.");
  visit("featurewise_center", c.featurewise_center,
        "Then subtract the training images' mean, a channel each.");
  visit("featurewise_std_normalization", c.featurewise_std_normalization,
        "Then divide by the training images' standard deviation, a channel each.");
  visit("feature_mean", c.feature_mean,
        "That mean, one value a channel; empty: fitted when a run begins.");
  visit("feature_std", c.feature_std,
        "That standard deviation, one value a channel; empty: fitted when a run begins.");
  visit("zca_whitening", c.zca_whitening,
        "Then ZCA whitening, fitted when a run begins; the matrix must fit into memory.");
  visit("zca_epsilon", c.zca_epsilon, "Added to the singular values that whitening divides by.",
        kPositive);
}

template <class Visitor>
void visit_fields(Visitor& visit, OutputConfig& c) {
  visit("name", c.name, "Name; `x{0..67}` stands for x0 to x67.");
  visit(
      "unit", c.unit,
      "Unit of the label and the output. Angles are reported in degrees; `image` is a fraction of "
      "the image's side.");
  visit(
      "kind", c.kind,
      "What geometry does to it; null: by its name (pitch, yaw, roll; x0, x1, ..., y0, y1, ... of "
      "unit image), else `plain`.");
  visit("mirror", c.mirror, "What mirroring does to a `plain` output; null: flips are refused.");
}

template <class Visitor>
void visit_fields(Visitor& visit, HeadConfig& c) {
  visit("name", c.name, "Name of the head, part of its weights' names.");
  visit("outputs", c.outputs, "Names of the outputs it gives, in the order of `model.outputs`.");
  visit("hidden", c.hidden, "Width of the hidden Dense layer; 0 leaves it out.", kNotNegative);
  visit("dropout", c.dropout, "Share of the hidden values dropped in training.", kBelowOne);
  visit("loss_weight", c.loss_weight, "Weight of the head's outputs in the loss.", kNotNegative);
}

template <class Visitor>
void visit_fields(Visitor& visit, ModelConfig& c) {
  visit("input", c.input, "What the network is fed.");
  visit("outputs", c.outputs, "What it predicts, in this order.");
  visit("alpha", c.alpha,
        "Width multiplier: every layer has int(filters * alpha) filters; 0.5 to 1 recommended.",
        Bound{0.03125, 8, false, false, "0.03125 to 8"});
  visit("depth_multiplier", c.depth_multiplier, "Depthwise filters for each input channel.",
        Bound{1, 16, false, false, "1 to 16"});
  visit("heads", c.heads, "Heads on the backbone; none given: one head an output.");
  visit("mirror_map", c.mirror_map,
        "Point i (the i-th `x` and `y` outputs) becomes point mirror_map[i] in a mirrored image; "
        "needed to flip images with `x` and `y` outputs.",
        kNotNegative);
  visit("convention", c.convention,
        "What the outputs' axes and signs mean, for people; it travels with every exported file.");
}

template <class Visitor>
void visit_fields(Visitor& visit, SplitConfig& c) {
  visit("rule", c.rule, "How the rows are chosen, before any shuffling.");
  visit("fraction", c.fraction, "Share of the rows, for the rules that take a share.", kFraction);
  visit("seed", c.seed, "Of `random_fraction`.");
  visit("pattern", c.pattern,
        "Regular expression searched in `x_col`: the rows it is found in (`pattern`).");
  visit("csv", c.csv, "File with the rows (`csv`); its images lie in its own folder.");
}

template <class Visitor>
void visit_fields(Visitor& visit, DataSetConfig& c) {
  visit("csv", c.csv, "The labelled images, one a row.");
  visit("directory", c.directory, "Folder of the images; empty: the CSV's own folder.");
  visit("x_col", c.x_col,
        "Column of the images' file names; they may have sub-folders, but may not leave the "
        "folder.");
  visit(
      "y_col", c.y_col,
      "Columns of the labels, one for each output that is not missing; empty: the outputs' names.");
  visit("missing", c.missing,
        "Outputs this set has no labels of; they count in neither loss nor metrics.");
  visit("units", c.units, "Unit of each column of `y_col`, or one for all; empty: the outputs'.");
  visit("signs", c.signs, "1 or -1, one for each column of `y_col`; empty: 1.",
        Bound{-1, 1, false, false, "1 or -1"});
  visit("offsets", c.offsets,
        "Added after the sign, in the labels' unit, one for each column of `y_col`; empty: 0.");
  visit("weight", c.weight, "Weight of the set's rows in the loss.", kNotNegative);
  visit("weight_col", c.weight_col, "Column of the rows' own weights in the loss.");
  visit("box", c.box,
        "Columns of a box in pixels of the image file: left, top, right, bottom; the crop is the "
        "square about it. Empty: the whole image.");
  visit("crop_margin", c.crop_margin,
        "Added to the box each way, a fraction of its side; drawn from a range for training, the "
        "middle of it for validation and test.",
        Bound{-0.4, 4, false, false, "-0.4 to 4"});
  visit("group_column", c.group_column,
        "Column that names a row's group (a person, a photograph); groups are never split.");
  visit("group_pattern", c.group_pattern,
        "Regular expression that finds a row's group in `x_col`: its first capture, where it has "
        "one.");
  visit("test", c.test, "Rows never trained on nor used to choose the best epoch.");
  visit("validation", c.validation, "Rows, of those left, by which the best epoch is chosen.");
}

template <class Visitor>
void visit_fields(Visitor& visit, BalanceConfig& c) {
  visit("output", c.output, "Output whose rare values are drawn more often; empty: none.");
  visit("bins", c.bins, "Equal parts of its range.", Bound{2, 1000, false, false, "2 to 1000"});
  visit("strength", c.strength,
        "A row is drawn in proportion to (rows of its bin) ^ -strength: 0 as they are, 1 all bins "
        "alike.",
        Bound{0, 1, false, false, "0 to 1"});
}

template <class Visitor>
void visit_fields(Visitor& visit, DataConfig& c) {
  visit_fields(visit, static_cast<DataSetConfig&>(c));
  visit("sets", c.sets, "Several data sets, instead of the fields above.");
  visit("shuffle", c.shuffle, "Draw a new order of the training rows in each pass.");
  visit("balance", c.balance, "Draw rare labels more often.");
  visit("validate_filenames", c.validate_filenames,
        "Check at the start that every image is there and its header sound.");
  visit("skip_bad_rows", c.skip_bad_rows,
        "Leave out rows whose image cannot be read or whose label is not a number, with a warning; "
        "also those found while training.");
  visit("max_megapixels", c.max_megapixels, "Larger images are refused before they are decoded.",
        Bound{0, 10000, true, false, "above 0, up to 10000"});
  visit("mode", c.mode, "Keep decoded images in memory, or decode them in every pass.");
  visit("cache", c.cache,
        "Folder where decoded images are kept for the next run in `memory` mode; empty: none.");
  visit("save_to_dir", c.save_to_dir,
        "Folder to which every augmented training image is written as PNG; empty: none.");
  visit("save_prefix", c.save_prefix, "Begins those files' names.");
  visit("workers", c.workers,
        "Loader threads; 0: one for each core that does not compute, at most 8; where all do, they "
        "make each batch between two steps.",
        Bound{0, 256, false, false, "0 to 256"});
  visit("prefetch", c.prefetch, "Batches kept ready.", Bound{1, 1024, false, false, "1 to 1024"});
}

template <class Visitor>
void visit_fields(Visitor& visit, PixelOperationConfig& c) {
  constexpr Bound kShare{0, 1, false, false, "0 to 1"};
  visit("name", c.name, "What is done.");
  visit("sigma", c.sigma, "`gaussian_blur`: standard deviation, pixels.",
        Bound{0, 20, false, false, "0 to 20"});
  visit("p", c.p, "`dropout`: probability that a pixel becomes 0.", kShare);
  visit("loc", c.loc, "`additive_gaussian_noise`: mean, of 0 to 255.");
  visit("scale", c.scale, "`additive_gaussian_noise`: standard deviation, of 0 to 255.",
        kNotNegative);
  visit("quality", c.quality, "`jpeg_compression`: 1 to 100.",
        Bound{1, 100, false, false, "1 to 100"});
  visit("length", c.length, "`motion_blur`: pixels.", Bound{1, 64, false, false, "1 to 64"});
  visit("angle", c.angle, "`motion_blur`: degrees from the x axis, clockwise as seen.");
  visit("factor", c.factor,
        "`downscale`: smaller side over the old one; `contrast`, `saturation`: times as much.",
        kNotNegative);
  visit("gamma", c.gamma, "`gamma`: exponent of pixel / 255.",
        Bound{0, 10, true, false, "above 0, up to 10"});
  visit("degrees", c.degrees, "`hue`: turn of the colour wheel.");
  visit("amount", c.amount, "`grayscale`: 0 as it was, 1 grey.", kShare);
  visit("area", c.area, "`random_erasing`: fraction of the image.", kShare);
  visit("aspect", c.aspect, "`random_erasing`: height over width.", kPositive);
  visit("per_channel", c.per_channel,
        "`dropout`, `additive_gaussian_noise`: drawn for each channel apart.");
}

template <class Visitor>
void visit_fields(Visitor& visit, AugmentationStep& c) {
  visit("probability", c.probability, "Share of the images to which it is done.",
        Bound{0, 1, false, false, "0 to 1"});
  visit("one_of", c.one_of, "Of these operations one is drawn, all alike.");
}

template <class Visitor>
void visit_fields(Visitor& visit, AugmentationConfig& c) {
  visit("labels", c.labels,
        "`follow`: what moves the image moves the labels with it; `as_keras`: they stay.");
  visit("rotation_range", c.rotation_range, "Degrees, either way.",
        Bound{0, 180, false, false, "0 to 180"});
  visit("width_shift_range", c.width_shift_range,
        "Either way: a fraction of the width below 1, else pixels; a whole number n: whole pixels "
        "below n; a list: one of its numbers.",
        kNotNegative);
  visit("height_shift_range", c.height_shift_range, "The same for the height.", kNotNegative);
  visit("shear_range", c.shear_range, "Degrees, either way.",
        Bound{0, 90, false, true, "0 up to, not including, 90"});
  visit("zoom_range", c.zoom_range,
        "[lowest, highest] zoom, x and y drawn apart, below 1 enlarges; or a number z for "
        "[1 - z, 1 + z].",
        kPositive);
  visit("channel_shift_range", c.channel_shift_range,
        "Added to all channels, either way, of 0 to 255; cut off at the image's darkest and "
        "brightest value.",
        kNotNegative);
  visit("fill_mode", c.fill_mode, "What lies beyond the image's border.");
  visit("cval", c.cval, "The value of `constant`, of 0 to 255.");
  visit("interpolation_order", c.interpolation_order,
        "Order of the spline that images are moved by: 0 nearest, 1 linear.",
        Bound{0, 5, false, false, "0 to 5"});
  visit("horizontal_flip", c.horizontal_flip, "Mirror every second image left to right.");
  visit("vertical_flip", c.vertical_flip, "Mirror every second image top to bottom.");
  visit("brightness_range", c.brightness_range,
        "Lowest and highest factor of brightness; null: unchanged.", kNotNegative);
  visit("steps", c.steps, "Noise, blur and colour, one step after the other.");
}

template <class Visitor>
void visit_fields(Visitor& visit, OptimizerConfig& c) {
  visit("name", c.name, "Keras's optimiser of that name.");
  visit("learning_rate", c.learning_rate, "Unset: 0.001 for `adam`, 0.01 for the others.",
        kPositive);
  visit("schedule", c.schedule,
        "`cosine` takes the learning rate down to 0 over the run, which then cannot be extended.");
  visit("beta_1", c.beta_1, "Adam's decay of the gradient's mean.", kBelowOne);
  visit("beta_2", c.beta_2, "Adam's decay of the squared gradient's mean.", kBelowOne);
  visit("epsilon", c.epsilon, "Adam's, added outside the bias correction as in Keras.", kPositive);
  visit("momentum", c.momentum, "Of `momentum`.", kBelowOne);
}

template <class Visitor>
void visit_fields(Visitor& visit, CheckpointConfig& c) {
  visit("every", c.every, "Epochs from one checkpoint to the next.", kAtLeastOne);
  visit("keep", c.keep, "Newest epoch checkpoints kept; 0: all. `best` and `last` always are.",
        kNotNegative);
}

template <class Visitor>
void visit_fields(Visitor& visit, TrainingConfig& c) {
  visit("epochs", c.epochs, "Epochs.", kAtLeastOne);
  visit("batch_size", c.batch_size,
        "Images a step. A last batch of one image joins the batch before it.",
        Bound{2, 65536, false, false, "2 to 65536"});
  visit("steps_per_epoch", c.steps_per_epoch,
        "Steps an epoch, going on in the data where the last epoch stopped; 0: one pass over the "
        "rows.",
        kNotNegative);
  visit("validation_steps", c.validation_steps, "Batches judged an epoch; 0: all validation rows.",
        kNotNegative);
  visit("loss", c.loss, "Mean over all outputs, in the labels' units.");
  visit("huber_delta", c.huber_delta, "Error at which `huber` turns from square to linear.",
        kPositive);
  visit("optimizer", c.optimizer, "How weights are updated.");
  visit("checkpoint", c.checkpoint, "When checkpoints are written.");
  visit("init_from", c.init_from,
        "Weights to start from: safetensors whose names and shapes fit, or a checkpoint.");
}

template <class Visitor>
void visit_fields(Visitor& visit, RunConfig& c) {
  visit("run_dir", c.run_dir, "Folder of the run, made by it.");
  visit("seed", c.seed, "Of weights, order, augmentation and dropout.");
  visit("threads", c.threads,
        "Compute threads; 0: as many as make training faster, measured at the start of the run.",
        Bound{0, 1024, false, false, "0 to 1024"});
  visit(
      "kernels", c.kernels,
      "`auto`: mobireg's own fused kernels where they fit; `aten`: LibTorch's alone, to compare.");
  visit(
      "precision", c.precision,
      "What training stores and multiplies: `fp32`, or `bf16` on processors that have it. Weights, "
      "statistics and validation are fp32 in both.");
  visit("model", c.model, "The network.");
  visit("data", c.data, "Images and labels.");
  visit("augmentation", c.augmentation, "Changes made to training images, drawn anew each pass.");
  visit("training", c.training, "How it is trained.");
}

}  // namespace mobireg
