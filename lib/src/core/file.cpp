#include "mobireg/core/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "core/fail.h"
#include "mobireg/core/text.h"

namespace mobireg {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxPathBytes = 4096;  // as in Linux

std::string reason(int error) { return std::generic_category().message(error); }

[[noreturn]] void fail_read(const fs::path& path, const std::string& why) {
  fail("cannot read {}: {}", in_quotes(path.string(), kMaxPathBytes), why);
}

[[noreturn]] void fail_write(const fs::path& path, const std::string& why) {
  fail("cannot write {}: {}", in_quotes(path.string(), kMaxPathBytes), why);
}

/// Closes a descriptor when it goes out of scope.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  int get() const { return number_; }
  /// False with `errno` set when the system reports a late write error.
  bool close() { return ::close(std::exchange(number_, -1)) == 0; }

 private:
  int number_;
};

/// A file under a temporary name that vanishes unless it is renamed.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& target) : target_(target), descriptor_(create()) {
    if (descriptor_.get() < 0) fail_write(target_, reason(errno));
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (!renamed_) ::unlink(path_.c_str());
  }

  void write(const void* data, std::size_t size) {
    const char* bytes = static_cast<const char*>(data);
    while (size > 0) {
      const ssize_t written = ::write(descriptor_.get(), bytes, size);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail_write(target_, reason(errno));
      bytes += written;
      size -= static_cast<std::size_t>(written);
    }
  }

  void rename_to_target() {
    if (::fsync(descriptor_.get()) != 0) fail_write(target_, reason(errno));
    if (!descriptor_.close()) fail_write(target_, reason(errno));
    if (::rename(path_.c_str(), target_.c_str()) != 0) fail_write(target_, reason(errno));
    renamed_ = true;
  }

 private:
  /// Chooses `path_` too: the first name that is free, also of what dead processes left behind.
  int create() {
    for (int number = 0;; ++number) {
      path_ = target_.parent_path() /
              fmt::format(".{}.tmp-{}-{}", target_.filename().string(), ::getpid(), number);
      const int descriptor = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (descriptor >= 0 || errno != EEXIST) return descriptor;
    }
  }

  fs::path target_;
  fs::path path_;
  Descriptor descriptor_;
  bool renamed_ = false;
};

void flush_folder(const fs::path& target) {
  const fs::path folder = target.has_parent_path() ? target.parent_path() : ".";
  const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.get() < 0) fail_write(target, reason(errno));
  // EINVAL: the file system keeps no folders that could be flushed.
  if (::fsync(descriptor.get()) != 0 && errno != EINVAL) fail_write(target, reason(errno));
}

/// The regular or missing file that `path` names, symbolic links followed.
fs::path resolve_target(const fs::path& path) {
  constexpr int kMaxLinks = 40;  // as in Linux
  std::error_code error;
  fs::path target = path;
  for (int links = 0; fs::is_symlink(fs::symlink_status(target, error)); ++links) {
    if (links == kMaxLinks) fail_write(path, reason(ELOOP));
    target = target.parent_path() / fs::read_symlink(target, error);
    if (error) fail_write(path, error.message());
  }
  const fs::file_status status = fs::status(target, error);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    fail_write(path, fs::is_directory(status) ? reason(EISDIR) : "Not a regular file");
  }
  return target;
}

}  // namespace

std::string read_file(const fs::path& path) {
  // O_NONBLOCK: a named pipe is refused below, not waited for.
  const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (descriptor.get() < 0 || ::fstat(descriptor.get(), &status) != 0) {
    fail_read(path, reason(errno));
  }
  if (S_ISDIR(status.st_mode)) fail_read(path, reason(EISDIR));
  if (!S_ISREG(status.st_mode)) fail_read(path, "Not a regular file");

  // One byte more than the file has, so that its end is seen; it may also grow meanwhile.
  std::string contents(static_cast<std::size_t>(status.st_size) + 1, '\0');
  std::size_t size = 0;
  while (true) {
    const ssize_t count = ::read(descriptor.get(), &contents[size], contents.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_read(path, reason(errno));
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
    if (size == contents.size()) contents.resize(2 * size);
  }
  contents.resize(size);
  return contents;
}

void write_file_atomically(const fs::path& path,
                           const std::function<void(const WriteBytes& write)>& writer) {
  const fs::path target = resolve_target(path);
  TemporaryFile file(target);
  writer([&file](const void* data, std::size_t size) { file.write(data, size); });
  file.rename_to_target();
  flush_folder(target);
}

void write_file_atomically(const fs::path& path, std::string_view contents) {
  write_file_atomically(
      path, [contents](const WriteBytes& write) { write(contents.data(), contents.size()); });
}

}  // namespace mobireg
