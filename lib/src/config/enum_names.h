#pragma once

// The names that enums have in JSON, each once.

#include <array>
#include <utility>

#include "mobireg/config/run_config.h"

namespace mobireg {

template <class E>
struct EnumNames;

template <>
struct EnumNames<ColorMode> {
  static constexpr std::array<std::pair<ColorMode, const char*>, 2> list{
      {{ColorMode::kRgb, "rgb"}, {ColorMode::kGrayscale, "grayscale"}}};
};
template <>
struct EnumNames<Interpolation> {
  static constexpr std::array<std::pair<Interpolation, const char*>, 3> list{
      {{Interpolation::kNearest, "nearest"},
       {Interpolation::kBilinear, "bilinear"},
       {Interpolation::kArea, "area"}}};
};
template <>
struct EnumNames<Unit> {
  static constexpr std::array<std::pair<Unit, const char*>, 5> list{{{Unit::kRadians, "radians"},
                                                                     {Unit::kDegrees, "degrees"},
                                                                     {Unit::kImage, "image"},
                                                                     {Unit::kPixels, "pixels"},
                                                                     {Unit::kNone, "none"}}};
};
template <>
struct EnumNames<OutputKind> {
  static constexpr std::array<std::pair<OutputKind, const char*>, 6> list{
      {{OutputKind::kPlain, "plain"},
       {OutputKind::kPitch, "pitch"},
       {OutputKind::kYaw, "yaw"},
       {OutputKind::kRoll, "roll"},
       {OutputKind::kX, "x"},
       {OutputKind::kY, "y"}}};
};
template <>
struct EnumNames<Mirror> {
  static constexpr std::array<std::pair<Mirror, const char*>, 2> list{
      {{Mirror::kKeep, "keep"}, {Mirror::kNegate, "negate"}}};
};
template <>
struct EnumNames<FillMode> {
  static constexpr std::array<std::pair<FillMode, const char*>, 4> list{
      {{FillMode::kNearest, "nearest"},
       {FillMode::kConstant, "constant"},
       {FillMode::kReflect, "reflect"},
       {FillMode::kWrap, "wrap"}}};
};
template <>
struct EnumNames<LabelRule> {
  static constexpr std::array<std::pair<LabelRule, const char*>, 2> list{
      {{LabelRule::kFollow, "follow"}, {LabelRule::kAsKeras, "as_keras"}}};
};
template <>
struct EnumNames<PixelOperation> {
  static constexpr std::array<std::pair<PixelOperation, const char*>, 12> list{
      {{PixelOperation::kGaussianBlur, "gaussian_blur"},
       {PixelOperation::kDropout, "dropout"},
       {PixelOperation::kAdditiveGaussianNoise, "additive_gaussian_noise"},
       {PixelOperation::kJpegCompression, "jpeg_compression"},
       {PixelOperation::kMotionBlur, "motion_blur"},
       {PixelOperation::kDownscale, "downscale"},
       {PixelOperation::kGamma, "gamma"},
       {PixelOperation::kContrast, "contrast"},
       {PixelOperation::kHue, "hue"},
       {PixelOperation::kSaturation, "saturation"},
       {PixelOperation::kGrayscale, "grayscale"},
       {PixelOperation::kRandomErasing, "random_erasing"}}};
};
template <>
struct EnumNames<SplitRule> {
  static constexpr std::array<std::pair<SplitRule, const char*>, 5> list{
      {{SplitRule::kNone, "none"},
       {SplitRule::kFirstFraction, "first_fraction"},
       {SplitRule::kRandomFraction, "random_fraction"},
       {SplitRule::kPattern, "pattern"},
       {SplitRule::kCsv, "csv"}}};
};
template <>
struct EnumNames<ImageMode> {
  static constexpr std::array<std::pair<ImageMode, const char*>, 3> list{
      {{ImageMode::kAuto, "auto"}, {ImageMode::kMemory, "memory"}, {ImageMode::kStream, "stream"}}};
};
template <>
struct EnumNames<HeadForm> {
  static constexpr std::array<std::pair<HeadForm, const char*>, 2> list{
      {{HeadForm::kValues, "values"}, {HeadForm::kRotation, "rotation"}}};
};
template <>
struct EnumNames<LossKind> {
  static constexpr std::array<std::pair<LossKind, const char*>, 6> list{
      {{LossKind::kMse, "mse"},
       {LossKind::kMae, "mae"},
       {LossKind::kHuber, "huber"},
       {LossKind::kWing, "wing"},
       {LossKind::kGeodesic, "geodesic"},
       {LossKind::kHeteroscedastic, "heteroscedastic"}}};
};
template <>
struct EnumNames<OptimizerKind> {
  static constexpr std::array<std::pair<OptimizerKind, const char*>, 5> list{
      {{OptimizerKind::kAdam, "adam"},
       {OptimizerKind::kAdamW, "adamw"},
       {OptimizerKind::kSgd, "sgd"},
       {OptimizerKind::kMomentum, "momentum"},
       {OptimizerKind::kNesterov, "nesterov"}}};
};
template <>
struct EnumNames<ScheduleKind> {
  static constexpr std::array<std::pair<ScheduleKind, const char*>, 6> list{
      {{ScheduleKind::kConstant, "constant"},
       {ScheduleKind::kStep, "step"},
       {ScheduleKind::kExponential, "exponential"},
       {ScheduleKind::kCosine, "cosine"},
       {ScheduleKind::kOneCycle, "one_cycle"},
       {ScheduleKind::kPlateau, "plateau"}}};
};
template <>
struct EnumNames<ComputePrecision> {
  static constexpr std::array<std::pair<ComputePrecision, const char*>, 2> list{
      {{ComputePrecision::kFp32, "fp32"}, {ComputePrecision::kBf16, "bf16"}}};
};
template <>
struct EnumNames<Kernels> {
  static constexpr std::array<std::pair<Kernels, const char*>, 2> list{
      {{Kernels::kAuto, "auto"}, {Kernels::kAten, "aten"}}};
};

/// The name of an enum's value as it stands in JSON.
template <class E>
const char* enum_name(E value) {
  for (const auto& [candidate, name] : EnumNames<E>::list) {
    if (candidate == value) return name;
  }
  return "";
}

}  // namespace mobireg
