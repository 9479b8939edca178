#pragma once

#include <cstddef>
#include <vector>

#include "augmentation/affine.h"
#include "mobireg/augmentation/augmentation.h"
#include "mobireg/config/run_config.h"
#include "mobireg/core/rotation.h"

namespace mobireg {

/// Where each pixel of the augmented `size` x `size` image lies in the one before it: Keras's
/// affine, then its flips, as one.
Affine augmentation_affine(const AugmentationParameters& parameters, int size);

/// Where each pixel of a `size` x `size` crop lies in a stored image of `stored_size` pixels a side
/// which is the square `stored`, when the crop is the square `crop` (both in the same coordinates).
Affine crop_affine(const CropSquare& crop, int size, const CropSquare& stored, int stored_size);

/// The largest ratio of the stretches along the two axes (singular values) that a config can draw.
double largest_stretch(const AugmentationConfig& config);

/// `resolve_config`'s rule for pose labels that follow: the recipe has 1.353.
inline constexpr double kLargestStretch = 1.5;

/// The other three angles of the same rotation: with the yaw beyond 90 degrees, the face turned
/// away from the viewer.
Pose with_yaw_beyond(const Pose& pose);

/// Moves labels with the image.
class LabelTransform {
 public:
  /// `model` must be resolved. Outputs of a kind that is not complete (a pitch without yaw and
  /// roll, x's without as many y's) are refused by `resolve_config` where geometry would move them.
  explicit LabelTransform(const ModelConfig& model);

  /// `to_source` takes pixels of the moved image to pixels of the one before, both `size` x `size`.
  /// Coordinates move exactly. Pose turns by the rotation nearest to the affine (polar
  /// decomposition), after a mirroring where it mirrors (negative determinant); the stretch that is
  /// left does not move it. Mirroring swaps points by the mirror map and negates the plain outputs
  /// that say so. targets: one for each output, in the outputs' units; what did not move keeps its
  /// bits. New angles are in [-180, 180] degrees, and the yaw in [-90, 90], unless it was beyond:
  /// then it still is. NaN (missing) stays NaN; a point of which one coordinate is missing, and a
  /// pose that turns and of which pitch or yaw is missing, are missing as a whole afterwards.
  void apply(const Affine& to_source, int size, float* targets) const;

  /// Coordinates in units of the whole image `whole` (its sides in the same coordinates as `crop`)
  /// become those in units of the crop; other outputs stay.
  void to_crop(double whole_width, double whole_height, const CropSquare& crop,
               float* targets) const;

  /// The inverse.
  void from_crop(double whole_width, double whole_height, const CropSquare& crop,
                 float* targets) const;

  /// Whether `apply` does justice to a mirroring: it knows which point each point becomes, what
  /// each plain output does, and of the angles all or none.
  bool follows_mirroring() const { return follows_mirroring_; }

  /// Whether it does to a rotation: of the angles there are all or none.
  bool follows_rotation() const { return follows_rotation_; }

 private:
  struct Angle {
    std::size_t output;
    double radians;  // in one of the output's units
  };
  struct Point {
    std::size_t x;  // outputs
    std::size_t y;
  };

  void move_points(const Affine& moved, int size, bool mirrored, float* targets) const;
  void move_pose(const Orientation& orientation, float* targets) const;

  std::vector<Angle> pose_;  // pitch, yaw, roll; or empty
  std::vector<Point> points_;
  std::vector<std::size_t> mirror_map_;  // empty: points stay where mirroring puts them
  std::vector<std::size_t> negated_;     // plain outputs
  bool follows_mirroring_ = true;
  bool follows_rotation_ = true;
};

}  // namespace mobireg
