#pragma once

#include <cstdint>

namespace mobireg {

/// IEEE 754 half precision, to nearest, ties to even; infinity from 65520 on.
std::uint16_t to_half(float value);

float from_half(std::uint16_t half);

}  // namespace mobireg
