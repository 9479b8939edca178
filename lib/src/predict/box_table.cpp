#include "predict/box_table.h"

#include <array>

#include "core/fail.h"
#include "deploy/image_pixels.h"
#include "mobireg/data/data_frame.h"

namespace mobireg {
namespace {

std::filesystem::path key_of(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::weakly_canonical(path, ignored);
}

using Columns = std::array<std::vector<double>, 4>;

/// A table of landmarks has x0 to y1 as well, so the names that only boxes have go first.
Columns box_columns(const DataFrame& frame) {
  if (frame.has_column("left")) {
    return {frame.numbers("left"), frame.numbers("top"), frame.numbers("right"),
            frame.numbers("bottom")};
  }
  return {frame.numbers("x0"), frame.numbers("y0"), frame.numbers("x1"), frame.numbers("y1")};
}

}  // namespace

BoxTable::BoxTable(const std::filesystem::path& csv) {
  const DataFrame frame = DataFrame::read_csv(csv);
  const Columns columns = box_columns(frame);
  const std::vector<std::string_view>& filenames = frame.strings("filename");
  for (std::size_t row = 0; row < filenames.size(); ++row) {
    const FaceBox box{columns[0][row], columns[1][row], columns[2][row], columns[3][row]};
    try {
      crop_of(box, 0);
    } catch (const Error& error) {
      fail("{}: {}", frame.where(static_cast<std::int64_t>(row)), error.what());
    }
    const std::filesystem::path image = csv.parent_path() / filenames[row];
    std::vector<FaceBox>& boxes = boxes_[key_of(image)];
    if (boxes.empty()) images_.push_back(image);
    boxes.push_back(box);
  }
}

std::vector<FaceBox> BoxTable::boxes_of(const std::filesystem::path& image) const {
  const auto found = boxes_.find(key_of(image));
  return found == boxes_.end() ? std::vector<FaceBox>{} : found->second;
}

}  // namespace mobireg
