#include "data/image_generator_checks.h"

#include <cmath>

#include "core/fail.h"

namespace mobireg {
namespace {

void check(bool right, const char* option, double value, const char* allowed) {
  if (!right) fail("{} is {}; it must be {}", option, value, allowed);
}

void check_not_negative(const char* option, double value) {
  check(std::isfinite(value) && value >= 0, option, value, "0 or more");
}

void check_shift(const char* option, const ShiftRange& range) {
  const bool is_list = range.form == ShiftRange::Form::kList;
  if (range.values.empty() || (!is_list && range.values.size() != 1)) {
    fail("{} has {} values; it must be {}", option, range.values.size(),
         is_list ? "at least one" : "one");
  }
  for (const double value : range.values) {
    check_not_negative(option, value);
    if (range.form == ShiftRange::Form::kWhole) {
      check(value == std::floor(value), option, value, "a whole number");
    }
  }
}

}  // namespace

void check_generator_options(const ImageDataGeneratorOptions& options) {
  check_not_negative("rotation_range", options.rotation_range);
  check_not_negative("shear_range", options.shear_range);
  check_not_negative("channel_shift_range", options.channel_shift_range);
  check_shift("width_shift_range", options.width_shift_range);
  check_shift("height_shift_range", options.height_shift_range);
  for (const double zoom : {options.zoom_range.low, options.zoom_range.high}) {
    check(std::isfinite(zoom) && zoom > 0, "zoom_range", zoom, "above 0");
  }
  if (options.brightness_range) {
    check_not_negative("brightness_range", options.brightness_range->first);
    check_not_negative("brightness_range", options.brightness_range->second);
  }
  check(std::isfinite(options.cval), "cval", options.cval, "a number");
  if (options.rescale)
    check(std::isfinite(*options.rescale), "rescale", *options.rescale, "a number");
  check(std::isfinite(options.zca_epsilon) && options.zca_epsilon > 0, "zca_epsilon",
        options.zca_epsilon, "above 0");
  check(options.validation_split >= 0 && options.validation_split < 1, "validation_split",
        options.validation_split, "0 or more and below 1");
  check(options.interpolation_order >= 0 && options.interpolation_order <= 5, "interpolation_order",
        options.interpolation_order, "0 to 5");
  if (options.dtype != at::kFloat && options.dtype != at::kDouble && options.dtype != at::kHalf) {
    fail("dtype is {}; it must be Float, Double or Half", c10::toString(options.dtype));
  }
}

void check_flow_options(const FlowOptions& options) {
  if (options.y_col.empty()) fail("y_col names no column");
  check(options.target_size >= 1 && options.target_size <= 4096, "target_size", options.target_size,
        "1 to 4096");
  check(options.batch_size >= 1, "batch_size", options.batch_size, "1 or more");
  check_not_negative("threads", options.threads);
}

}  // namespace mobireg
