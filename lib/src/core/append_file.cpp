#include "core/append_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/fail.h"

namespace mobireg {
namespace {

/// 0, or the system's error number.
int append(int file, std::string_view bytes, AppendUntil until) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return until == AppendUntil::kOnDisk && ::fsync(file) != 0 ? errno : 0;
}

}  // namespace

void append_to_file(const std::filesystem::path& path, std::string_view bytes, AppendUntil until) {
  const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  const int error = file < 0 ? errno : append(file, bytes, until);
  if (file >= 0) ::close(file);
  if (error != 0) fail("{}: cannot be written: {}", path.string(), std::strerror(error));
}

}  // namespace mobireg
