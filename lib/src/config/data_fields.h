#pragma once

// The fields of data and augmentation; see fields.h.

#include "config/field_bounds.h"

namespace mobireg {

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
  visit("zoom_together", c.zoom_together,
        "Draw one zoom for both, so that the face keeps its shape.");
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

}  // namespace mobireg
