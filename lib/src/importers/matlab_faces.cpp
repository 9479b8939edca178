#include <algorithm>
#include <regex>

#include "importers/mat_file.h"
#include "importers/read_faces.h"

namespace mobireg {
namespace {

constexpr std::size_t kLandmarks = 68;

/// [pitch yaw roll x y z scale], in our convention (core/rotation.h is theirs).
Pose pose_of(const MatFile& file) {
  const Matrix parameters = file.matrix("Pose_Para");
  if (parameters.rows != 1 || parameters.columns != 7) {
    fail("Pose_Para is {} x {}, not 1 x 7", parameters.rows, parameters.columns);
  }
  return {parameters.at(0, 0), parameters.at(0, 1), parameters.at(0, 2)};
}

/// The x and y of 68 points, each in a column (2 x 68 or 3 x 68) or in a row (68 x 2). MATLAB puts
/// the first pixel's centre at 1.
std::vector<Point> points_of(const MatFile& file, const std::string& name) {
  const Matrix matrix = file.matrix(name);
  const bool in_rows = matrix.rows == kLandmarks && matrix.columns == 2;
  const bool in_columns = matrix.columns == kLandmarks && (matrix.rows == 2 || matrix.rows == 3);
  if (!in_rows && !in_columns) {
    fail("{} is {} x {}, not the x and y of {} points", name, matrix.rows, matrix.columns,
         kLandmarks);
  }
  std::vector<Point> points(kLandmarks);
  for (std::size_t i = 0; i < kLandmarks; ++i) {
    points[i] = in_rows ? Point{matrix.at(i, 0) - 0.5, matrix.at(i, 1) - 0.5}
                        : Point{matrix.at(0, i) - 0.5, matrix.at(1, i) - 0.5};
  }
  return points;
}

/// AFW_134212_1_0 is the first view of the first face of the photograph AFW_134212.
std::string photograph_of(const std::string& stem) {
  static const std::regex photograph(
      "(AFW_\\d+|HELEN_\\d+|IBUG_image_\\d+|LFPW_image_(train|test)_\\d+).*");
  static const std::regex view("(.+)_\\d+");
  std::smatch match;
  const bool found =
      std::regex_match(stem, match, photograph) || std::regex_match(stem, match, view);
  return found ? match[1].str() : stem;
}

constexpr std::string_view kFlip = "_Flip/";

bool is_flipped(const std::string& file) {
  const std::string folder = folder_of(file);
  return folder.size() >= kFlip.size() &&
         folder.compare(folder.size() - kFlip.size(), kFlip.size(), kFlip) == 0;
}

/// "landmarks/AFW/a_pts.mat" of "AFW/a.jpg" and of "AFW_Flip/a.jpg".
std::string landmark_file_of(const std::string& image) {
  std::string folder = folder_of(image);
  if (is_flipped(image)) folder.replace(folder.size() - kFlip.size(), kFlip.size(), "/");
  const std::size_t parent = folder.empty() ? 0 : folder.rfind('/', folder.size() - 2) + 1;
  return folder.substr(0, parent) + "landmarks/" + folder.substr(parent) + stem_of(image) +
         "_pts.mat";
}

/// `parse(MatFile)` of a file of the folder.
template <class Parse>
auto parsed(const ImageFolder& folder, const std::string& name, const Parse& parse) {
  folder.stamp(name);  // throws when it is not there or leads out of the folder
  return naming(name, [&] { return parse(MatFile(folder.path() / name)); });
}

/// What a .mat file beside an image tells: the pose and the points called `points`, where wanted.
LabelledFace face_of(const ImageFolder& folder, const FilePair& files, const std::string& points) {
  LabelledFace face{files.image, stem_of(files.image)};
  parsed(folder, files.label, [&](const MatFile& file) {
    face.pose = pose_of(file);
    if (!points.empty()) face.landmarks = points_of(file, points);
  });
  return face;
}

/// The landmarks of a view, from the set's landmark files. (pt2d, beside the pose, has those of the
/// photograph that the view was rendered from.)
std::vector<Point> points_of_view(const ImageFolder& folder, const std::string& image,
                                  double width) {
  const std::string name = landmark_file_of(image);
  const auto points =
      parsed(folder, name, [](const MatFile& file) { return points_of(file, "pts_2d"); });
  return is_flipped(image) ? mirrored_landmarks(points, width) : points;
}

}  // namespace

std::vector<LabelledFace> read_aflw2000(const ImportOptions& options, ImportLog& log) {
  const ImageFolder folder(options.folder);
  const auto files = without_folders(list_files(options.folder), {"Code"});
  const auto read = [&](const FilePair& pair, const ImageHeader&) {
    return face_of(folder, pair, "pt3d_68");
  };
  return read_faces({folder, pair_files(files, {"", ".mat"}, log), options.landmarks}, read, log);
}

std::vector<LabelledFace> read_300w_lp(const ImportOptions& options, ImportLog& log) {
  const ImageFolder folder(options.folder);
  const auto all = list_files(options.folder);
  auto files = without_folders(all, {"Code", "landmarks"});
  if (!options.flipped) {
    files.erase(std::remove_if(files.begin(), files.end(), is_flipped), files.end());
  }
  const auto has_landmarks = [&](const std::string& image) {
    return std::binary_search(all.begin(), all.end(), landmark_file_of(image));
  };
  const auto read = [&](const FilePair& pair, const ImageHeader& header) {
    const bool of_view = options.landmarks || has_landmarks(pair.image);
    LabelledFace face = face_of(folder, pair, of_view ? "" : "pt2d");
    if (of_view) face.landmarks = points_of_view(folder, pair.image, header.width);
    face.group = photograph_of(face.group);
    return face;
  };
  const auto pairs = pair_files(files, {"", ".mat"}, log);
  for (const FilePair& pair : pairs) {
    if (options.landmarks || has_landmarks(pair.image)) continue;
    log.add("{} views have no landmark file; their boxes are of the photographs' points (pt2d)",
            landmark_file_of(pair.image));
  }
  return read_faces({folder, pairs, options.landmarks}, read, log);
}

}  // namespace mobireg
