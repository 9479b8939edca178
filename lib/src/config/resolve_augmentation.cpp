// What labels that follow geometry need to be told before an image is moved.

#include <algorithm>

#include "augmentation/geometry.h"
#include "augmentation/pixel_operations.h"
#include "config/fields.h"
#include "config/resolve.h"
#include "core/fail.h"

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

std::ptrdiff_t count_angles(const ModelConfig& model) {
  return std::count_if(model.outputs.begin(), model.outputs.end(),
                       [](const OutputConfig& output) { return is_pose(*output.kind); });
}

/// Whether a head can come to look in another direction.
bool turns(const AugmentationConfig& augmentation) {
  return augmentation.rotation_range > 0 || augmentation.shear_range > 0 ||
         augmentation.vertical_flip;
}

/// Where a head looks after it was turned cannot be told without both pitch and yaw.
void check_missing(const DataSetConfig& set, const AugmentationConfig& augmentation,
                   const ModelConfig& model) {
  if (count_angles(model) < 3 || !turns(augmentation)) return;
  std::vector<std::string> present;
  std::vector<std::string> missing;
  for (const OutputConfig& output : model.outputs) {
    if (output.kind != OutputKind::kPitch && output.kind != OutputKind::kYaw) continue;
    const bool is_missing =
        std::find(set.missing.begin(), set.missing.end(), output.name) != set.missing.end();
    (is_missing ? missing : present).push_back(output.name);
  }
  if (present.empty() || missing.empty()) return;
  fail(
      "augmentation: {} lacks {}, without which {} cannot follow rotation, shear and vertical "
      "flips; "
      "leave these out, declare both missing, or set augmentation.labels to as_keras",
      set.csv.string(), missing[0], present[0]);
}

/// Turning a head in the image changes all three angles.
void check_pose(const AugmentationConfig& augmentation, const ModelConfig& model) {
  const auto angles = count_angles(model);
  if (angles == 0) return;
  if (angles < 3 && (turns(augmentation) || augmentation.horizontal_flip)) {
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

void resolve_augmentation(RunConfig& config) {
  AugmentationConfig& augmentation = config.augmentation;
  const ModelConfig& model = config.model;
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
  for (const DataSetConfig& set : config.data.all_sets()) check_missing(set, augmentation, model);
}

}  // namespace mobireg
