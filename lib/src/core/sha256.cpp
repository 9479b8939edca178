#include "core/sha256.h"

#include <openssl/evp.h>

#include "core/fail.h"

namespace mobireg {

struct Sha256::Context {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> evp{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  if (EVP_DigestInit_ex(context_->evp.get(), EVP_sha256(), nullptr) != 1) {
    fail("SHA-256 is not available from OpenSSL");
  }
}

Sha256::~Sha256() = default;

void Sha256::update(const void* data, std::size_t size) {
  EVP_DigestUpdate(context_->evp.get(), data, size);
}

Sha256Digest Sha256::digest() {
  Sha256Digest digest{};
  EVP_DigestFinal_ex(context_->evp.get(), digest.data(), nullptr);
  return digest;
}

Sha256Digest digest_of(std::string_view bytes) {
  Sha256 sha;
  sha.update(bytes.data(), bytes.size());
  return sha.digest();
}

std::string to_hex(const Sha256Digest& digest) {
  std::string text;
  for (const std::uint8_t byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace mobireg
