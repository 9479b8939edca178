// The rules between the fields of what a network learns from beside its labels.

#include "config/resolve.h"
#include "core/fail.h"

namespace mobireg {
namespace {

void check_distillation(const DistillationConfig& distillation) {
  if (!distillation.teachers.empty() || distillation.feature_weight == 0) return;
  fail("training.distillation.feature_weight: it needs training.distillation.teachers");
}

void check_unlabelled(const TrainingConfig& training) {
  const UnlabelledConfig& unlabelled = training.unlabelled;
  const bool has_folders = !unlabelled.folders.empty();
  const bool averages = unlabelled.consistency_weight > 0;
  if (has_folders && !unlabelled.pseudo_labels && !averages) {
    fail(
        "training.unlabelled.folders: without effect; set pseudo_labels, or consistency_weight, or "
        "both");
  }
  if (unlabelled.pseudo_labels && !has_folders) {
    fail("training.unlabelled.pseudo_labels: it needs training.unlabelled.folders");
  }
  if (unlabelled.pseudo_labels && training.distillation.teachers.empty()) {
    fail("training.unlabelled.pseudo_labels: it needs training.distillation.teachers");
  }
  if (averages && !has_folders) {
    fail("training.unlabelled.consistency_weight: it needs training.unlabelled.folders");
  }
  if (averages && training.ema_decay == 0) {
    fail(
        "training.unlabelled.consistency_weight: its mean teacher is the moving average of the "
        "weights; set training.ema_decay, such as 0.999");
  }
}

}  // namespace

void resolve_teaching(TrainingConfig& training) {
  check_distillation(training.distillation);
  check_unlabelled(training);
  for (auto* paths : {&training.distillation.teachers, &training.unlabelled.folders}) {
    for (std::filesystem::path& path : *paths) make_absolute(path);
  }
}

}  // namespace mobireg
