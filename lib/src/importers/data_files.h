#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "importers/import_log.h"

namespace mobireg {

/// Names of the regular files beneath a folder, relative to it, with `/`, sorted byte by byte.
/// Folders that are links are not entered, and names that begin with a dot are passed over.
/// Throws Error when the folder or one in it cannot be read.
std::vector<std::string> list_files(const std::filesystem::path& folder);

/// The names without those that lie in a folder of one of these names, at any depth.
std::vector<std::string> without_folders(const std::vector<std::string>& files,
                                         const std::vector<std::string_view>& folders);

/// Whether a name ends in .jpg, .jpeg, .png, .bmp, .ppm or .pgm, upper or lower case.
bool is_image(std::string_view file);

/// Of "AFW/a.jpg": "AFW/a".
std::string without_extension(const std::string& file);

/// Of "AFW/a.jpg": "AFW/"; of "a.jpg": nothing.
std::string folder_of(const std::string& file);

/// Of "AFW/a.jpg": "a".
std::string stem_of(const std::string& file);

/// An image and its label file.
struct FilePair {
  std::string image;
  std::string label;
};

/// How the names of one face's files end.
struct PairNames {
  std::string_view image;  // before the extension: "_rgb", or nothing
  std::string_view label;  // all of it: "_pose.txt"
};

/// Images and label files whose names differ only in their ends, sorted by image; files of either
/// kind that are alone are left out. Of two images for one label file the first is taken.
std::vector<FilePair> pair_files(const std::vector<std::string>& files, const PairNames& names,
                                 ImportLog& log);

}  // namespace mobireg
