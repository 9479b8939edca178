#include "image/image_files.h"

#include <algorithm>

#include "core/fail.h"

namespace mobireg {
namespace {

bool is_image_file(const std::filesystem::path& path) {
  return has_extension(path, {".jpg", ".jpeg", ".png", ".bmp", ".pgm", ".ppm", ".pnm"});
}

template <class Iterator>
std::vector<std::filesystem::path> list_image_files(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> paths;
  for (auto at = Iterator(folder, error); !error && at != Iterator(); at.increment(error)) {
    std::error_code ignored;
    if (is_image_file(at->path()) && at->is_regular_file(ignored)) paths.push_back(at->path());
  }
  if (error) fail("{}: the folder cannot be read: {}", folder.string(), error.message());
  if (paths.empty()) fail("{}: there is no JPEG, PNG, BMP or PNM image in it", folder.string());
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

bool has_extension(const std::filesystem::path& path, const std::vector<std::string>& known) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(), ::tolower);
  return std::find(known.begin(), known.end(), extension) != known.end();
}

std::vector<std::filesystem::path> image_files_in(const std::filesystem::path& folder,
                                                  Folders folders) {
  return folders == Folders::kAllBelow
             ? list_image_files<std::filesystem::recursive_directory_iterator>(folder)
             : list_image_files<std::filesystem::directory_iterator>(folder);
}

}  // namespace mobireg
