#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "image/image_decoder.h"

namespace mobireg {

/// What tells whether a file is still the one it was.
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified = 0;  // nanoseconds since 1970
  std::int64_t changed = 0;   // of the inode, nanoseconds since 1970: cannot be set back
};

bool operator==(const FileStamp& a, const FileStamp& b);
inline bool operator!=(const FileStamp& a, const FileStamp& b) { return !(a == b); }

/// Who sees to it that a file lies beneath its folder: the kernel while it opens the file (openat2,
/// Linux 5.6), or, where it cannot, a look at the canonical path before, which a link that is
/// changed in between would escape.
enum class PathCheck { kKernel, kCanonicalPath };

/// A folder of images that are not trusted: file names are resolved beneath it, and only regular
/// files are opened. Links may be followed as long as they stay beneath it. Thread-safe.
class ImageFolder {
 public:
  /// Throws Error when it is no folder. `kKernel` becomes `kCanonicalPath` where it is not at hand.
  explicit ImageFolder(const std::filesystem::path& path, PathCheck check = PathCheck::kKernel);
  ~ImageFolder();
  ImageFolder(ImageFolder&& other) noexcept;
  ImageFolder& operator=(ImageFolder&&) = delete;

  const std::filesystem::path& path() const { return path_; }

  /// The whole file; an absolute `filename` must lie beneath the folder. Throws Error naming the
  /// file as given and why: it is not there, leaves the folder (by .., as an absolute path, or
  /// through a link), is a folder or device, a loop of links, empty, or larger than 1 GiB.
  /// `stamp`, where given, becomes that of before it was read.
  std::string read(const std::string& filename, FileStamp* stamp = nullptr) const;

  /// Reads only as much as the header needs. Throws Error as `read` does, and as
  /// `parse_image_header` does, naming the file.
  ImageHeader header(const std::string& filename, std::uint64_t max_pixels) const;

  /// Throws Error as `read` does.
  FileStamp stamp(const std::string& filename) const;

 private:
  /// A descriptor of the file, or -1 with `errno` set.
  int open(const std::string& filename) const;
  int open_beneath(const char* filename) const;
  int open_canonical(const std::string& filename) const;

  std::filesystem::path path_;
  std::string canonical_;
  PathCheck check_;
  int directory_ = -1;
};

}  // namespace mobireg
