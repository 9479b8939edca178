#pragma once

// What scipy.ndimage makes of a coordinate that lies outside the image, without branches, so that
// loops over it become vector code. `last` is the last pixel's coordinate.

#include <algorithm>
#include <cmath>

namespace mobireg {

/// Pixels; with `kConstant` a coordinate that leaves the image by less lies on its border. (scipy
/// takes the constant there, so that it loses a border to rounding when it turns an image by 180
/// degrees.)
inline constexpr double kBorderRounding = 1e-9;

namespace border {

inline double clamped(double at, double last) {
  const double above = at > 0 ? at : 0;
  return above < last ? above : last;
}

/// Rounds towards zero, for numbers that fit an int.
inline double truncated(double value) { return static_cast<double>(static_cast<int>(value)); }

/// Period 2 (last + 1), mirrored about the outer edges of the border pixels; -0.5 to last + 0.5.
inline double reflected(double at, double last) {
  const double turn = 2 * (last + 1);
  const double distance = std::abs(at + 0.5);
  const double in_turn = distance - turn * truncated(distance / turn);
  return std::min(in_turn, turn - in_turn) - 0.5;
}

/// Period `last`: the first pixel and the last one are the same place. (scipy's "wrap"; its
/// "grid-wrap" has the period last + 1.)
inline double wrapped(double at, double last) {
  const double period = last > 0 ? last : 1;
  const double turns = truncated(std::abs(at) / period);
  const double back = at > last ? turns : 0;
  const double forth = at < 0 ? turns + 1 : 0;
  return at + period * (forth - back);
}

}  // namespace border
}  // namespace mobireg
