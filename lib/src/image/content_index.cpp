#include "image/content_index.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <string>
#include <type_traits>

#include "mobireg/core/error.h"
#include "mobireg/core/file.h"

namespace mobireg {
namespace {

// The file: this line, the contents one after the other, and the SHA-256 of all that.
constexpr std::string_view kMagic = "mobireg contents 1\n";

static_assert(std::has_unique_object_representations_v<FileContent>);  // written as they are

/// FAT's, the coarsest of the file systems' clocks, in nanoseconds.
constexpr std::int64_t kClockTick = 2'000'000'000;

std::string_view bytes_of(const Sha256Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

/// The contents as they were written, or nothing where one byte is another.
std::string_view undamaged(std::string_view bytes) {
  constexpr std::size_t kDigestBytes = sizeof(Sha256Digest);
  if (bytes.size() < kMagic.size() + kDigestBytes) return {};
  const std::string_view body = bytes.substr(0, bytes.size() - kDigestBytes);
  if (body.substr(0, kMagic.size()) != kMagic) return {};
  if (bytes.substr(body.size()) != bytes_of(digest_of(body))) return {};
  return body.substr(kMagic.size());
}

}  // namespace

std::int64_t current_time() {
  const auto time = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
}

ContentIndex::Contents ContentIndex::read(const std::filesystem::path& file) {
  Contents contents;
  std::string bytes;
  try {
    bytes = read_file(file);
  } catch (const Error&) {
    return contents;
  }
  std::string_view left = undamaged(bytes);
  for (; left.size() >= sizeof(FileContent); left.remove_prefix(sizeof(FileContent))) {
    FileContent content;
    std::memcpy(&content, left.data(), sizeof(content));
    contents.emplace_hint(contents.end(), id_of(content.stamp), content);
  }
  return contents;
}

ContentIndex::ContentIndex(std::filesystem::path file, std::int64_t now)
    : file_(std::move(file)), opened_(now), kept_(read(file_)) {}

std::optional<Sha256Digest> ContentIndex::find(const FileStamp& stamp) const {
  const auto found = kept_.find(id_of(stamp));
  if (found == kept_.end() || found->second.stamp != stamp) return std::nullopt;
  return found->second.digest;
}

void ContentIndex::remember(const FileContent& content) {
  const FileStamp& stamp = content.stamp;
  const bool is_settled = std::max(stamp.modified, stamp.changed) < opened_ - kClockTick;
  if (is_settled && !find(stamp)) new_[id_of(stamp)] = content;
}

void ContentIndex::write() const {
  if (new_.empty()) return;
  Contents contents = new_;
  contents.merge(read(file_));  // what other runs have added since
  std::string bytes(kMagic);
  for (const auto& [id, content] : contents) {
    bytes.append(reinterpret_cast<const char*>(&content), sizeof(content));
  }
  bytes += bytes_of(digest_of(bytes));
  write_file_atomically(file_, bytes);
}

}  // namespace mobireg
