#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace mobireg {

/// The bytes of a regular file. Throws `Error` with the path and the reason when it is missing, not
/// readable, a directory or anything else that is no regular file.
std::string read_file(const std::filesystem::path& path);

/// Appends `size` bytes to the file being written; throws `Error` when the disk takes fewer.
using WriteBytes = std::function<void(const void* data, std::size_t size)>;

/// Replaces `path` with what `writer` writes, or leaves it as it was: whoever opens it, also after
/// a crash or a power cut, finds the old contents or the new ones, never a part. The bytes go to
/// `.NAME.tmp-PID-N` in the same folder, which is flushed to disk and renamed; then the folder is
/// flushed. The temporary file is removed when anything fails (also when `writer` throws).
/// A symbolic link stays, and the file it names is replaced.
///
/// Throws `Error` with the path and the system's reason (missing folder, full disk, ...).
void write_file_atomically(const std::filesystem::path& path,
                           const std::function<void(const WriteBytes& write)>& writer);

/// The same for contents that are at hand.
void write_file_atomically(const std::filesystem::path& path, std::string_view contents);

}  // namespace mobireg
