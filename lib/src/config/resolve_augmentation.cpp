// What labels that follow geometry need to be told before an image is moved.

#include <algorithm>

#include "config/fields.h"
#include "config/resolve.h"
#include "core/fail.h"
#include "data/geometry.h"
#include "data/pixel_operations.h"

namespace mobireg {
namespace {

bool is_pose(OutputKind kind) {
  return kind == OutputKind::kPitch || kind == OutputKind::kYaw || kind == OutputKind::kRoll;
}

void check_flips(const ModelConfig& model) {
  const auto is_point = [](const OutputConfig& output) { return output.kind == OutputKind::kX; };
  if (model.mirror_map.empty() &&
      std::any_of(model.outputs.begin(), model.outputs.end(), is_point)) {
    fail(
        "augmentation: flips need model.mirror_map, which says which point each point becomes in a "
        "mirrored image");
  }
  for (const OutputConfig& output : model.outputs) {
    if (output.kind != OutputKind::kPlain || output.mirror) continue;
    fail(
        "augmentation: flips need to know what mirroring does to the plain output '{}'; set its "
        "mirror to keep or negate, or its kind",
        output.name);
  }
}

/// Turning a head in the image changes all three angles.
void check_pose(const AugmentationConfig& augmentation, const ModelConfig& model) {
  const auto angles =
      std::count_if(model.outputs.begin(), model.outputs.end(),
                    [](const OutputConfig& output) { return is_pose(*output.kind); });
  if (angles == 0) return;
  const bool turns = augmentation.rotation_range > 0 || augmentation.shear_range > 0 ||
                     augmentation.horizontal_flip || augmentation.vertical_flip;
  if (angles < 3 && turns) {
    fail(
        "augmentation: rotation, shear and flips move pitch, yaw and roll together, and "
        "model.outputs has {} of the three; give all, or make them plain, or set "
        "augmentation.labels to as_keras",
        angles);
  }
  const double stretch = largest_stretch(augmentation);
  if (angles == 3 && stretch > kLargestStretch) {
    fail(
        "augmentation: zoom_range and shear_range can stretch a face by {:.2f} in one direction; "
        "pose labels follow up to {}",
        stretch, kLargestStretch);
  }
}

}  // namespace

void resolve_augmentation(AugmentationConfig& augmentation, const ModelConfig& model) {
  for (std::size_t i = 0; i < augmentation.steps.size(); ++i) {
    auto& operations = augmentation.steps[i].one_of;
    if (operations.empty()) {
      fail("augmentation.steps.{}.one_of: it is empty; at least one operation is needed", i);
    }
    for (std::size_t k = 0; k < operations.size(); ++k) {
      const auto field = fmt::format("augmentation.steps.{}.one_of.{}", i, k);
      resolve_pixel_operation(operations[k], field.c_str());
    }
  }
  if (augmentation.labels == LabelRule::kAsKeras) return;
  if (augmentation.horizontal_flip || augmentation.vertical_flip) check_flips(model);
  check_pose(augmentation, model);
}

}  // namespace mobireg
