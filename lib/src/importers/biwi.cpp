#include <array>
#include <cmath>

#include "importers/number_rows.h"
#include "importers/read_faces.h"

namespace mobireg {
namespace {

using Vector = std::array<double, 3>;

constexpr double kHeadMillimetres = 200;  // side of the box

/// p -> matrix p + offset.
struct RigidMotion {
  Rotation matrix{};
  Vector offset{};

  Vector operator()(const Vector& p) const {
    Vector moved = offset;
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t k = 0; k < 3; ++k) moved[i] += matrix[3 * i + k] * p[k];
    }
    return moved;
  }
};

struct ColourCamera {
  double focal_x = 0, focal_y = 0;    // pixels
  double centre_x = 0, centre_y = 0;  // pixels; the first pixel's centre is 0
  RigidMotion from_depth;             // millimetres
};

/// Three lines of a matrix, from line `first` on, and one of an offset.
RigidMotion motion_of(const std::vector<std::string_view>& lines, std::size_t first) {
  if (lines.size() < first + 4) {
    fail("it has {} lines, fewer than {}", lines.size(), first + 4);
  }
  RigidMotion motion;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto row = numbers_of(lines[first + i], 3);
    std::copy(row.begin(), row.end(), motion.matrix.begin() + static_cast<std::ptrdiff_t>(3 * i));
  }
  const auto offset = numbers_of(lines[first + 3], 3);
  std::copy(offset.begin(), offset.end(), motion.offset.begin());
  return motion;
}

/// Orthonormal and no reflection, to the four digits that the files are sure of.
bool is_rotation(const Rotation& r) {
  constexpr double kTolerance = 1e-3;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t k = 0; k < 3; ++k) {
      double product = 0;
      for (std::size_t j = 0; j < 3; ++j) product += r[3 * i + j] * r[3 * k + j];
      if (std::abs(product - (i == k ? 1 : 0)) > kTolerance) return false;
    }
  }
  const double determinant = r[0] * (r[4] * r[8] - r[5] * r[7]) -
                             r[1] * (r[3] * r[8] - r[5] * r[6]) +
                             r[2] * (r[3] * r[7] - r[4] * r[6]);
  return determinant > 0;
}

/// frame_00003_pose.txt: the head's rotation and its centre in the depth camera's coordinates.
RigidMotion head_of(std::string_view text) {
  const RigidMotion head = motion_of(lines_of(text), 0);
  if (!is_rotation(head.matrix)) fail("its first three lines are no rotation matrix");
  if (head.offset[2] <= 0) fail("the head is not before the camera: z is {} mm", head.offset[2]);
  return head;
}

/// rgb.cal: 3 lines of intrinsics, 1 of distortion, 3 of rotation, 1 of translation, 1 of the size.
ColourCamera camera_of(std::string_view text) {
  const auto lines = lines_of(text);
  ColourCamera camera;
  camera.from_depth = motion_of(lines, 4);
  const auto x = numbers_of(lines[0], 3);
  const auto y = numbers_of(lines[1], 3);
  camera.focal_x = x[0];
  camera.centre_x = x[2];
  camera.focal_y = y[1];
  camera.centre_y = y[2];
  if (!(camera.focal_x > 0 && camera.focal_y > 0)) {
    fail("its focal lengths are {} and {} pixels", camera.focal_x, camera.focal_y);
  }
  if (!is_rotation(camera.from_depth.matrix)) fail("its lines 5 to 7 are no rotation matrix");
  return camera;
}

/// Their axes have x to the right, y down and z away from the camera, ours y up and z towards it,
/// in head and camera alike: R becomes D R D with D = diag(1, -1, -1). The angles that follow are
/// those of FSA-Net's conversion, on which the published results on BIWI rest.
Pose pose_of(const Rotation& r) {
  return pose_from_rotation({r[0], -r[1], -r[2], -r[3], r[4], r[5], -r[6], r[7], r[8]});
}

FaceBox box_of(const Vector& centre, const ColourCamera& camera) {
  const Vector c = camera.from_depth(centre);
  if (c[2] <= 0) fail("the head is not before the colour camera: z is {} mm", c[2]);
  const double x = camera.focal_x * c[0] / c[2] + camera.centre_x + 0.5;
  const double y = camera.focal_y * c[1] / c[2] + camera.centre_y + 0.5;
  const double half = camera.focal_x * kHeadMillimetres / 2 / c[2];
  return {x - half, y - half, x + half, y + half};
}

/// The 24 sequences are of 20 people; which are one person's is told by the set's card on Hugging
/// Face.
std::string person_of(const std::string& file) {
  std::string sequence = folder_of(file);
  if (!sequence.empty()) sequence.pop_back();
  sequence = sequence.substr(sequence.rfind('/') + 1);
  if (sequence == "15") return "03";
  if (sequence == "18") return "05";
  if (sequence == "21") return "02";
  if (sequence == "22") return "07";
  return sequence;
}

}  // namespace

std::vector<LabelledFace> read_biwi(const ImportOptions& options, ImportLog& log) {
  const ImageFolder folder(options.folder);
  const auto read = [&](const FilePair& files, const ImageHeader&) {
    const std::string pose_text = read_text(folder, files.label);
    const RigidMotion head = naming(files.label, [&] { return head_of(pose_text); });
    const std::string calibration = folder_of(files.image) + "rgb.cal";
    const std::string camera_text = read_text(folder, calibration);
    const FaceBox box =
        naming(calibration, [&] { return box_of(head.offset, camera_of(camera_text)); });
    return LabelledFace{files.image, person_of(files.image), pose_of(head.matrix), box};
  };
  const auto files = list_files(options.folder);
  return read_faces({folder, pair_files(files, {"_rgb", "_pose.txt"}, log)}, read, log);
}

}  // namespace mobireg
