#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mobireg {

/// Reads a .bin file from its beginning. All throw Error, without naming a file, when it ends too
/// early or holds what is no number.
class NcnnBinReader {
 public:
  explicit NcnnBinReader(std::string_view bytes) : bytes_(bytes) {}

  /// layer: for the message.
  std::vector<float> floats(std::size_t count, const std::string& layer);

  /// Single or half precision, as the file says.
  std::vector<float> weights(std::size_t count, const std::string& layer);

  std::vector<std::int8_t> int8_weights(std::size_t count, const std::string& layer);

  /// Throws Error unless everything was read.
  void finish() const;

 private:
  std::string_view take(std::size_t bytes, const std::string& layer);
  std::uint32_t tag(const std::string& layer);

  template <typename T>
  std::vector<T> values(std::size_t count, const std::string& layer);

  std::string_view bytes_;
  std::size_t position_ = 0;
};

}  // namespace mobireg
