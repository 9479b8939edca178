#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mobireg {

/// Whether a file's name ends in one of `known`, such as ".png", upper and lower case alike.
bool has_extension(const std::filesystem::path& path, const std::vector<std::string>& known);

enum class Folders { kThisOne, kAllBelow };

/// The files of a folder whose names end as those of the formats that can be read (JPEG, PNG, BMP,
/// PNM), sorted by path. Throws Error when the folder cannot be read or has none.
std::vector<std::filesystem::path> image_files_in(const std::filesystem::path& folder,
                                                  Folders folders);

}  // namespace mobireg
