#pragma once

// The fields of a model; see fields.h.

#include "config/field_bounds.h"

namespace mobireg {

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
  visit(
      "form", c.form,
      "`values`: the outputs themselves; `rotation`: six numbers which are made a rotation matrix, "
      "of which pitch, yaw and roll are the angles.");
  visit("uncertainty", c.uncertainty,
        "Also learn the logarithm of each output's variance (`heteroscedastic` loss).");
  visit("loss", c.loss, "Of this head; null: `training.loss`.");
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

}  // namespace mobireg
