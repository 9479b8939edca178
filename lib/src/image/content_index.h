#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "core/sha256.h"
#include "image/image_folder.h"

namespace mobireg {

/// What is in a file, and the stamp it had before it was read.
struct FileContent {
  FileStamp stamp;
  Sha256Digest digest{};
};

/// Nanoseconds since 1970, of the system's clock.
std::int64_t current_time();

/// What was in files when they were last read, kept in a file from run to run: as long as its stamp
/// is the same, a file need not be read again to know its digest. As git's index it trusts no stamp
/// that a later change could leave as it is. A file is known by device and inode, not by its path.
class ContentIndex {
 public:
  /// Reads `file`; an index that is missing or damaged is empty. Files that are to be remembered
  /// must be read after `now`.
  explicit ContentIndex(std::filesystem::path file, std::int64_t now = current_time());

  /// None where the file is not known or may have changed. Thread-safe.
  std::optional<Sha256Digest> find(const FileStamp& stamp) const;

  /// Unless the file changed so shortly before it was read that one more change could go unseen.
  void remember(const FileContent& content);

  /// Adds what is new to the file, which is replaced atomically: of two runs at once the later one
  /// counts, and a kill leaves the index of before. Throws Error when it cannot be written.
  void write() const;

 private:
  using FileId = std::pair<std::uint64_t, std::uint64_t>;  // device and inode
  using Contents = std::map<FileId, FileContent>;

  static Contents read(const std::filesystem::path& file);
  static FileId id_of(const FileStamp& stamp) { return {stamp.device, stamp.inode}; }

  std::filesystem::path file_;
  std::int64_t opened_;
  Contents kept_;
  Contents new_;
};

}  // namespace mobireg
