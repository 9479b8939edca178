#include "image/image_cache.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/fail.h"
#include "mobireg/core/file.h"

namespace mobireg {
namespace {

constexpr const char* kMagic = "mobireg images 1\n";
constexpr const char* kExtension = ".images";
constexpr std::size_t kHeaderBytes = 4096;  // a page, so that the pixels begin at one

bool is_dead(const std::string& pid) {
  const long number = std::strtol(pid.c_str(), nullptr, 10);
  return number > 0 && ::kill(static_cast<pid_t>(number), 0) != 0 && errno == ESRCH;
}

/// Files of write_file_atomically (.NAME.tmp-PID-N) whose process is no more.
void remove_left_behind(const std::filesystem::path& folder) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    for (const std::string mark : {".images.tmp-", ".index.tmp-"}) {
      const std::size_t at = name.find(mark);
      if (name[0] == '.' && at != std::string::npos && is_dead(name.substr(at + mark.size()))) {
        std::filesystem::remove(entry.path(), ignored);
      }
    }
  }
}

}  // namespace

bool holds_images(const std::filesystem::path& folder, std::size_t bytes) {
  std::error_code ignored;
  const std::filesystem::directory_iterator entries(folder, ignored);
  return std::any_of(begin(entries), end(entries), [&](const auto& entry) {
    return entry.path().extension() == kExtension &&
           entry.file_size(ignored) == kHeaderBytes + bytes;
  });
}

ImageCache::ImageCache(const std::filesystem::path& folder, const std::string& key,
                       std::size_t bytes)
    : file_(folder.empty() ? folder : folder / (key + kExtension)),
      header_(kMagic + key + "\n" + std::to_string(bytes) + "\n"),
      bytes_(bytes) {
  header_.resize(kHeaderBytes, '\0');
}

std::shared_ptr<const std::uint8_t> ImageCache::open() const {
  if (file_.empty() || bytes_ == 0) return nullptr;
  const int descriptor = ::open(file_.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return nullptr;
  struct stat status {};
  const std::size_t whole = kHeaderBytes + bytes_;
  const bool is_whole = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) &&
                        static_cast<std::size_t>(status.st_size) == whole;
  void* start =
      is_whole ? ::mmap(nullptr, whole, PROT_READ, MAP_SHARED, descriptor, 0) : MAP_FAILED;
  ::close(descriptor);
  if (start == MAP_FAILED) return nullptr;
  std::shared_ptr<const void> mapping(start, [whole](void* begin) { ::munmap(begin, whole); });
  if (std::memcmp(start, header_.data(), kHeaderBytes) != 0) return nullptr;
  return {mapping, static_cast<const std::uint8_t*>(start) + kHeaderBytes};
}

void ImageCache::write(const std::uint8_t* pixels) const {
  const auto folder = file_.parent_path();
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) fail("the cache {} cannot be made: {}", folder.string(), error.message());
  remove_left_behind(folder);
  write_file_atomically(file_, [&](const WriteBytes& write_bytes) {
    write_bytes(header_.data(), header_.size());
    write_bytes(pixels, bytes_);
  });
}

}  // namespace mobireg
