// The rules between a head's form, its uncertainty and its loss.

#include <algorithm>

#include "config/enum_names.h"
#include "config/resolve.h"
#include "core/fail.h"

namespace mobireg {
namespace {

bool gives_kind(const ModelConfig& model, const HeadConfig& head, OutputKind kind) {
  return std::any_of(model.outputs.begin(), model.outputs.end(), [&](const OutputConfig& output) {
    return output.kind == kind &&
           std::find(head.outputs.begin(), head.outputs.end(), output.name) != head.outputs.end();
  });
}

/// One each of pitch, yaw and roll, and nothing else.
bool gives_pose(const ModelConfig& model, const HeadConfig& head) {
  return head.outputs.size() == 3 && gives_kind(model, head, OutputKind::kPitch) &&
         gives_kind(model, head, OutputKind::kYaw) && gives_kind(model, head, OutputKind::kRoll);
}

void check_form(const ModelConfig& model, const HeadConfig& head) {
  if (head.form != HeadForm::kRotation) return;
  if (!gives_pose(model, head)) {
    fail(
        "model.heads: '{}' of form rotation gives {}; it must give three outputs, of kind pitch, "
        "yaw and roll",
        head.name, fmt::join(head.outputs, ", "));
  }
  if (head.uncertainty) {
    fail("model.heads: '{}' of form rotation has uncertainty, which needs the form values",
         head.name);
  }
}

/// field: that the loss was given in.
void check_loss(const ModelConfig& model, const HeadConfig& head, LossKind loss,
                const char* field) {
  const char* name = enum_name(loss);
  if (head.form == HeadForm::kRotation && loss != LossKind::kGeodesic && loss != LossKind::kMse) {
    fail("{}: {} is not allowed for the head '{}' of form rotation; it must be geodesic or mse",
         field, name, head.name);
  }
  if (loss == LossKind::kGeodesic && !gives_pose(model, head)) {
    fail(
        "{}: geodesic is not allowed for the head '{}', which gives {}; it needs a head of three "
        "outputs, of kind pitch, yaw and roll",
        field, head.name, fmt::join(head.outputs, ", "));
  }
  if (head.uncertainty != (loss == LossKind::kHeteroscedastic)) {
    fail("{}: {} is not allowed for the head '{}' {} uncertainty; {}", field, name, head.name,
         head.uncertainty ? "with" : "without",
         head.uncertainty ? "it must be heteroscedastic" : "it needs the head's uncertainty");
  }
}

}  // namespace

void check_heads(const ModelConfig& model) {
  for (const HeadConfig& head : model.heads) {
    check_form(model, head);
    if (head.loss) check_loss(model, head, *head.loss, "model.heads.loss");
  }
}

void check_losses(const RunConfig& config) {
  for (const HeadConfig& head : config.model.heads) {
    if (!head.loss) check_loss(config.model, head, config.training.loss, "training.loss");
  }
}

}  // namespace mobireg
