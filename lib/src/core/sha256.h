#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace mobireg {

using Sha256Digest = std::array<std::uint8_t, 32>;

/// SHA-256 of what `update` was given, by OpenSSL.
class Sha256 {
 public:
  Sha256();
  ~Sha256();

  void update(const void* data, std::size_t size);
  Sha256Digest digest();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

Sha256Digest digest_of(std::string_view bytes);

/// Lower-case hexadecimal.
std::string to_hex(const Sha256Digest& digest);

}  // namespace mobireg
