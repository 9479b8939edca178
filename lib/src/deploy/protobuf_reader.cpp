#include "deploy/protobuf_reader.h"

#include <cstring>

#include "core/fail.h"

namespace mobireg {
namespace {

enum WireType { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

}  // namespace

float ProtobufField::real() const {
  const auto bits = static_cast<std::uint32_t>(value);
  float number = 0;
  std::memcpy(&number, &bits, sizeof(number));
  return number;
}

void ProtobufReader::refuse() const {
  fail("{}: not a usable ONNX file; it is damaged or of another kind", origin_);
}

std::string_view ProtobufReader::take(std::uint64_t size) {
  if (size > rest_.size()) refuse();
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

std::uint64_t ProtobufReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<unsigned char>(take(1)[0]);
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return value;
  }
  refuse();
}

std::uint64_t ProtobufReader::fixed(std::size_t size) {
  const std::string_view bytes = take(size);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return value;
}

bool ProtobufReader::next(ProtobufField& field) {
  if (rest_.empty()) return false;
  const std::uint64_t tag = varint();
  field = {tag >> 3, (tag & 7) == kBytes, 0, {}};
  switch (tag & 7) {
    case kVarint:
      field.value = varint();
      return true;
    case kFixed64:
      field.value = fixed(8);
      return true;
    case kBytes:
      field.bytes = take(varint());
      return true;
    case kFixed32:
      field.value = fixed(4);
      return true;
    default:
      refuse();
  }
}

void ProtobufReader::append(const ProtobufField& field, std::vector<std::int64_t>& to) const {
  if (!field.is_bytes) {
    to.push_back(field.integer());
    return;
  }
  ProtobufReader list(field.bytes, origin_);
  while (!list.rest_.empty()) to.push_back(static_cast<std::int64_t>(list.varint()));
}

}  // namespace mobireg
