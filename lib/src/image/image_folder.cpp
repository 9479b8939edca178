#include "image/image_folder.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "core/fail.h"
#include "mobireg/core/text.h"

namespace mobireg {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 30;
constexpr std::size_t kMaxPathBytes = 4096;  // as in Linux
// O_NONBLOCK: a named pipe or a device is refused, not waited for.
constexpr int kOpenFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

[[noreturn]] void fail_file(const std::string& filename, const std::string& why) {
  fail("{}: {}", in_quotes(filename, kMaxPathBytes), why);
}

std::string reason_of(int error) {
  switch (error) {
    case ENOENT:
      return "there is no such file in the data folder";
    case EXDEV:
      return "it lies outside the data folder";
    case ELOOP:
      return "its links form a loop";
    case EACCES:
      return "there is no permission to read it";
    case ENOTDIR:
      return "part of its path is a file, not a folder";
    case ENAMETOOLONG:
      return "its name is too long";
    case ENXIO:
      return "it is no regular file";  // a socket
    default:
      return "cannot open it: " + std::generic_category().message(error);
  }
}

/// A regular file, open to be read; closed at the end.
class File {
 public:
  File(int descriptor, const std::string& filename) : descriptor_(descriptor) {
    if (descriptor_ < 0) fail_file(filename, reason_of(errno));
    const bool known = ::fstat(descriptor_, &status_) == 0;
    if (known && S_ISREG(status_.st_mode)) return;
    const int error = errno;
    ::close(descriptor_);
    if (!known) fail_file(filename, reason_of(error));
    fail_file(filename, S_ISDIR(status_.st_mode) ? "it is a folder" : "it is no regular file");
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { ::close(descriptor_); }

  const struct stat& status() const { return status_; }

  /// How many bytes were read: fewer only at the end of the file.
  std::size_t read(char* out, std::size_t size, std::uint64_t at) const {
    std::size_t done = 0;
    while (done < size) {
      const ssize_t count =
          ::pread(descriptor_, out + done, size - done, static_cast<off_t>(at + done));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail("cannot read it: {}", std::generic_category().message(errno));
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    return done;
  }

 private:
  int descriptor_;
  struct stat status_ {};
};

/// Reads a file in windows of 4 KB, as the parts of a header are asked for.
class Window {
 public:
  explicit Window(const File& file) : file_(file) {}

  std::string_view read(std::uint64_t at, std::size_t size) {
    if (at < begin_ || at + size > begin_ + bytes_.size()) fill(at, size);
    const std::size_t offset = std::min<std::size_t>(at - begin_, bytes_.size());
    return std::string_view(bytes_).substr(offset, size);
  }

 private:
  void fill(std::uint64_t at, std::size_t size) {
    constexpr std::size_t kWindowBytes = 4096;
    bytes_.resize(std::max(size, kWindowBytes));
    bytes_.resize(file_.read(bytes_.data(), bytes_.size(), at));
    begin_ = at;
  }

  const File& file_;
  std::uint64_t begin_ = 0;
  std::string bytes_;
};

bool lies_beneath(const std::string& path, const std::string& folder) {
  return path.size() > folder.size() && path.compare(0, folder.size(), folder) == 0 &&
         (folder.back() == '/' || path[folder.size()] == '/');
}

/// `path` without the folder in front of it.
std::string relative_to(const std::string& path, const std::string& folder) {
  const std::size_t begin = path.find_first_not_of('/', folder.size());
  return begin == std::string::npos ? "." : path.substr(begin);
}

FileStamp stamp_of(const struct stat& status) {
  const auto nanoseconds = [](const timespec& time) {
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
  };
  return {static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino),
          static_cast<std::uint64_t>(status.st_size), nanoseconds(status.st_mtim),
          nanoseconds(status.st_ctim)};
}

int openat2(int directory, const char* path, const open_how& how) {
  return static_cast<int>(::syscall(SYS_openat2, directory, path, &how, sizeof(how)));
}

}  // namespace

bool operator==(const FileStamp& a, const FileStamp& b) {
  return a.device == b.device && a.inode == b.inode && a.size == b.size &&
         a.modified == b.modified && a.changed == b.changed;
}

ImageFolder::ImageFolder(const fs::path& path, PathCheck check) : path_(path), check_(check) {
  std::error_code error;
  canonical_ = fs::canonical(path, error).string();
  if (!error) directory_ = ::open(canonical_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory_ < 0) {
    const int number = error ? error.value() : errno;
    fail("cannot open the image folder {}: {}", in_quotes(path.string(), kMaxPathBytes),
         std::generic_category().message(number));
  }
  if (check_ == PathCheck::kCanonicalPath) return;
  const int probe = open_beneath(".");
  if (probe < 0) {
    check_ = PathCheck::kCanonicalPath;  // an old kernel, or a sandbox that knows no openat2
  } else {
    ::close(probe);
  }
}

ImageFolder::ImageFolder(ImageFolder&& other) noexcept
    : path_(std::move(other.path_)),
      canonical_(std::move(other.canonical_)),
      check_(other.check_),
      directory_(std::exchange(other.directory_, -1)) {}

ImageFolder::~ImageFolder() {
  if (directory_ >= 0) ::close(directory_);
}

int ImageFolder::open_beneath(const char* filename) const {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(kOpenFlags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  int descriptor = -1;
  do {
    descriptor = openat2(directory_, filename, how);
  } while (descriptor < 0 && (errno == EINTR || errno == EAGAIN));  // a rename meanwhile
  return descriptor;
}

int ImageFolder::open_canonical(const std::string& filename) const {
  std::error_code error;
  const std::string path = fs::canonical(fs::path(canonical_) / filename, error).string();
  if (!error && path != canonical_ && !lies_beneath(path, canonical_))
    error.assign(EXDEV, error.category());
  if (error) {
    errno = error.value();
    return -1;
  }
  const std::string relative = relative_to(path, canonical_);
  if (check_ == PathCheck::kKernel) return open_beneath(relative.c_str());
  return ::openat(directory_, relative.c_str(), kOpenFlags | O_NOFOLLOW);
}

int ImageFolder::open(const std::string& filename) const {
  if (filename.find('\0') != std::string::npos) fail_file(filename, "its name has a NUL byte");
  if (filename.empty()) fail_file(filename, "the name is empty");
  if (check_ == PathCheck::kCanonicalPath) return open_canonical(filename);
  const int descriptor = open_beneath(filename.c_str());
  // Absolute paths and links, which the kernel refuses, may still lead back into the folder.
  if (descriptor < 0 && errno == EXDEV) return open_canonical(filename);
  return descriptor;
}

std::string ImageFolder::read(const std::string& filename, FileStamp* stamp) const {
  const File file(open(filename), filename);
  if (stamp != nullptr) *stamp = stamp_of(file.status());
  const auto size = static_cast<std::uint64_t>(file.status().st_size);
  if (size == 0) fail_file(filename, "the image file is empty");
  if (size > kMaxFileBytes) fail_file(filename, "it is larger than 1 GiB");
  std::string bytes(static_cast<std::size_t>(size), '\0');
  try {
    bytes.resize(file.read(bytes.data(), bytes.size(), 0));
  } catch (const Error& error) {
    fail_file(filename, error.what());
  }
  return bytes;
}

ImageHeader ImageFolder::header(const std::string& filename, std::uint64_t max_pixels) const {
  const File file(open(filename), filename);
  Window window(file);
  try {
    return parse_image_header(
        [&window](std::uint64_t at, std::size_t size) { return window.read(at, size); },
        max_pixels);
  } catch (const Error& error) {
    fail_file(filename, error.what());
  }
}

FileStamp ImageFolder::stamp(const std::string& filename) const {
  return stamp_of(File(open(filename), filename).status());
}

}  // namespace mobireg
