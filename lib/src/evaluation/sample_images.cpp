#include <algorithm>

#include "core/fail.h"
#include "evaluation/run_of_checkpoint.h"
#include "image/image_files.h"
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
  return read_images(image_files_in(folder, Folders::kThisOne), input, limit);
}

}  // namespace mobireg
