#include <algorithm>

#include "core/fail.h"
#include "evaluation/run_of_checkpoint.h"
#include "mobireg/data/data_frame.h"
#include "mobireg/evaluation/evaluate_file.h"

namespace mobireg {
namespace {

/// Evenly spread over `paths`.
at::Tensor read_images(const std::vector<std::filesystem::path>& paths, const InputConfig& input,
                       std::int64_t limit) {
  const auto count = std::min<std::int64_t>(limit, static_cast<std::int64_t>(paths.size()));
  std::vector<Image> images;
  for (std::int64_t i = 0; i < count; ++i) {
    images.push_back(read_image(
        paths[static_cast<std::size_t>(i) * paths.size() / static_cast<std::size_t>(count)],
        input));
  }
  return pixel_batch(images);
}

bool has_image_extension(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(), ::tolower);
  const std::vector<std::string> known{".jpg", ".jpeg", ".png", ".bmp", ".pgm", ".ppm", ".pnm"};
  return std::find(known.begin(), known.end(), extension) != known.end();
}

}  // namespace

at::Tensor images_of_run(const std::filesystem::path& checkpoint, std::int64_t limit) {
  const RunConfig run = run_of_checkpoint(checkpoint, "give --images");
  std::vector<std::filesystem::path> paths;
  const auto sets = run.data.all_sets();
  for (const DataSetConfig& set : sets) {
    const DataFrame frame = DataFrame::read_csv(set.csv);
    for (const std::string_view name : frame.strings(set.x_col)) {
      const auto path = set.directory / name;
      std::error_code ignored;
      if (std::filesystem::is_regular_file(path, ignored)) paths.push_back(path);
    }
  }
  if (paths.empty()) fail("{}: none of its images is there; give --images", sets[0].csv.string());
  return read_images(paths, run.model.input, limit);
}

at::Tensor images_of_folder(const std::filesystem::path& folder, const InputConfig& input,
                            std::int64_t limit) {
  std::error_code error;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (has_image_extension(entry.path())) paths.push_back(entry.path());
  }
  if (error) fail("{}: the folder cannot be read: {}", folder.string(), error.message());
  if (paths.empty()) fail("{}: there is no JPEG, PNG, BMP or PNM image in it", folder.string());
  std::sort(paths.begin(), paths.end());
  return read_images(paths, input, limit);
}

}  // namespace mobireg
