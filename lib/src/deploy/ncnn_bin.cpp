#include "deploy/ncnn_bin.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/fail.h"
#include "deploy/half.h"
#include "deploy/ncnn_param.h"

namespace mobireg {
namespace {

bool is(std::uint32_t tag, NcnnTag expected) { return tag == static_cast<std::uint32_t>(expected); }

void check_finite(const std::vector<float>& values, const std::string& layer) {
  if (!std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); })) {
    fail("the .bin file is damaged: {} has a value that is no number", layer);
  }
}

}  // namespace

std::string_view NcnnBinReader::take(std::size_t bytes, const std::string& layer) {
  const std::size_t left = bytes_.size() - position_;
  if (left < bytes) {
    fail("the .bin file ends within {}: {} bytes are missing", layer, bytes - left);
  }
  position_ += bytes;
  return bytes_.substr(position_ - bytes, bytes);
}

/// What follows is aligned to 4 bytes.
template <typename T>
std::vector<T> NcnnBinReader::values(std::size_t count, const std::string& layer) {
  const std::string_view bytes = take((count * sizeof(T) + 3) / 4 * 4, layer);
  std::vector<T> values(count);
  std::memcpy(values.data(), bytes.data(), count * sizeof(T));
  return values;
}

std::uint32_t NcnnBinReader::tag(const std::string& layer) {
  return values<std::uint32_t>(1, layer)[0];
}

std::vector<float> NcnnBinReader::floats(std::size_t count, const std::string& layer) {
  std::vector<float> floats = values<float>(count, layer);
  check_finite(floats, layer);
  return floats;
}

std::vector<float> NcnnBinReader::weights(std::size_t count, const std::string& layer) {
  const std::uint32_t found = tag(layer);
  if (is(found, NcnnTag::kFloat)) return floats(count, layer);
  if (!is(found, NcnnTag::kHalf)) {
    fail(
        "the .bin file does not belong to the .param file: {}'s weights begin with {:#010x}, not "
        "with the mark of floats",
        layer, found);
  }
  std::vector<float> weights;
  for (const std::uint16_t half : values<std::uint16_t>(count, layer)) {
    weights.push_back(from_half(half));
  }
  check_finite(weights, layer);
  return weights;
}

std::vector<std::int8_t> NcnnBinReader::int8_weights(std::size_t count, const std::string& layer) {
  const std::uint32_t found = tag(layer);
  if (!is(found, NcnnTag::kInt8)) {
    fail(
        "the .bin file does not belong to the .param file: {}'s weights begin with {:#010x}, not "
        "with the mark of int8",
        layer, found);
  }
  std::vector<std::int8_t> weights = values<std::int8_t>(count, layer);
  if (std::count(weights.begin(), weights.end(), -128) > 0) {
    fail("the .bin file is damaged: {} has the int8 weight -128; -127 to 127 is allowed", layer);
  }
  return weights;
}

void NcnnBinReader::finish() const {
  if (position_ != bytes_.size()) {
    fail("the .bin file does not belong to the .param file: {} bytes are left over",
         bytes_.size() - position_);
  }
}

}  // namespace mobireg
