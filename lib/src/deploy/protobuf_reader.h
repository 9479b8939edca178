#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mobireg {

/// One field of a message.
struct ProtobufField {
  std::uint64_t number = 0;
  bool is_bytes = false;    // a text, a message or a packed list; else a number
  std::uint64_t value = 0;  // of an integer, or the bits of a float
  std::string_view bytes;

  std::int64_t integer() const { return static_cast<std::int64_t>(value); }
  float real() const;
};

/// Goes through a message of the protobuf encoding (protobuf.dev/programming-guides/encoding),
/// field by field. Throws Error, beginning with `origin`, where the bytes are no message or stop
/// short.
class ProtobufReader {
 public:
  ProtobufReader(std::string_view bytes, const std::string& origin)
      : rest_(bytes), origin_(origin) {}

  /// Reads the next field; false at the end.
  bool next(ProtobufField& field);

  /// Appends the integers of a repeated field, which may be packed.
  void append(const ProtobufField& field, std::vector<std::int64_t>& to) const;

 private:
  std::uint64_t varint();
  std::uint64_t fixed(std::size_t size);
  std::string_view take(std::uint64_t size);
  [[noreturn]] void refuse() const;

  std::string_view rest_;
  const std::string& origin_;
};

}  // namespace mobireg
