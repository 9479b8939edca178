#pragma once

#include <filesystem>
#include <string_view>

namespace mobireg {

/// `kOnDisk`: also after a power cut.
enum class AppendUntil { kInFile, kOnDisk };

/// Appends to a file that exists; the bytes are where `until` says when this returns. Throws Error
/// with the path and the system's reason.
void append_to_file(const std::filesystem::path& path, std::string_view bytes, AppendUntil until);

}  // namespace mobireg
