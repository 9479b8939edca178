#include <algorithm>
#include <regex>

#include "importers/number_rows.h"
#include "importers/read_faces.h"

namespace mobireg {
namespace {

constexpr std::size_t kLandmarks = 68;

/// version: 1 / n_points: 68 / { / a line with x and y for each point / }. The first pixel's centre
/// is at 1, as in MATLAB.
std::vector<Point> points_of(std::string_view text) {
  const auto lines = lines_of(text);
  const auto open = std::find(lines.begin(), lines.end(), "{");
  const auto close = std::find(open, lines.end(), "}");
  if (close == lines.end()) fail("it has no points between {{ and }}");
  const auto count = static_cast<std::size_t>(close - open) - 1;
  if (count != kLandmarks) fail("it has {} points, not {}", count, kLandmarks);
  std::vector<Point> points;
  for (auto line = open + 1; line != close; ++line) {
    const auto numbers = numbers_of(*line, 2);
    points.push_back({numbers[0] - 0.5, numbers[1] - 0.5});
  }
  return points;
}

/// The faces of one photograph are numbered in AFW and HELEN (134212_1, 134212_2) and IBUG
/// (image_003_1); names repeat from folder to folder.
std::string photograph_of(const std::string& image) {
  static const std::regex numbered("(\\d+|image_\\d+)[ _]+\\d+");
  const std::string stem = stem_of(image);
  std::smatch match;
  return folder_of(image) + (std::regex_match(stem, match, numbered) ? match[1].str() : stem);
}

}  // namespace

std::vector<LabelledFace> read_300w_pts(const ImportOptions& options, ImportLog& log) {
  const ImageFolder folder(options.folder);
  const auto read = [&](const FilePair& files, const ImageHeader&) {
    const std::string text = read_text(folder, files.label);
    LabelledFace face{files.image, photograph_of(files.image)};
    face.landmarks = naming(files.label, [&] { return points_of(text); });
    return face;
  };
  const auto files = list_files(options.folder);
  return read_faces({folder, pair_files(files, {"", ".pts"}, log), true}, read, log);
}

}  // namespace mobireg
