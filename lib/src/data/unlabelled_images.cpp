#include "data/unlabelled_images.h"

#include <set>

#include "image/image_files.h"

namespace mobireg {

std::filesystem::path common_folder(const std::vector<std::filesystem::path>& folders) {
  std::filesystem::path common = folders.front();
  for (const std::filesystem::path& folder : folders) {
    std::filesystem::path shared;
    auto part = folder.begin();
    for (const std::filesystem::path& name : common) {
      if (part == folder.end() || *part != name) break;
      shared /= name;
      ++part;
    }
    common = shared;
  }
  return common;
}

ImageRegressionDataset open_unlabelled(const std::vector<std::filesystem::path>& folders,
                                       const DataConfig& data, const ModelConfig& model,
                                       int threads, const WarningCallback& warn) {
  const std::filesystem::path common = common_folder(folders);
  std::set<std::string> names;
  for (const std::filesystem::path& folder : folders) {
    for (const auto& path : image_files_in(folder, Folders::kAllBelow)) {
      names.insert(path.lexically_relative(common).string());
    }
  }
  DataFrame frame;
  frame.add_column("filename", std::vector<std::string>(names.begin(), names.end()));
  DataConfig unlabelled = data;
  static_cast<DataSetConfig&>(unlabelled) = DataSetConfig{};
  unlabelled.csv = common;
  unlabelled.directory = common;
  for (const OutputConfig& output : model.outputs) unlabelled.missing.push_back(output.name);
  unlabelled.skip_bad_rows = true;
  return open_dataset(frame, unlabelled, model, threads, warn);
}

}  // namespace mobireg
