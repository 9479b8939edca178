// Rules between the fields of teachers and images without labels.

#include <catch2/catch.hpp>
#include <functional>

#include "mobireg/config/run_config.h"

namespace mobireg {
namespace {

/// What a config with those changes is refused for; empty where it is not.
std::string refusal(const std::function<void(TrainingConfig&)>& change) {
  RunConfig config;
  config.data.csv = "labels.csv";
  change(config.training);
  try {
    resolve_config(config);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("fields of teachers that would be without effect, or lack something, are refused") {
  CHECK(refusal([](TrainingConfig& t) { t.distillation.feature_weight = 1; }) ==
        "training.distillation.feature_weight: it needs training.distillation.teachers");
  CHECK(refusal([](TrainingConfig& t) { t.unlabelled.folders = {"faces"}; }) ==
        "training.unlabelled.folders: without effect; set pseudo_labels, or consistency_weight, or "
        "both");
  CHECK(refusal([](TrainingConfig& t) { t.unlabelled.pseudo_labels = true; }) ==
        "training.unlabelled.pseudo_labels: it needs training.unlabelled.folders");
  CHECK(refusal([](TrainingConfig& t) {
          t.unlabelled.pseudo_labels = true;
          t.unlabelled.folders = {"faces"};
        }) == "training.unlabelled.pseudo_labels: it needs training.distillation.teachers");
  CHECK(refusal([](TrainingConfig& t) { t.unlabelled.consistency_weight = 1; }) ==
        "training.unlabelled.consistency_weight: it needs training.unlabelled.folders");
  CHECK(refusal([](TrainingConfig& t) {
          t.unlabelled.consistency_weight = 1;
          t.unlabelled.folders = {"faces"};
        }) ==
        "training.unlabelled.consistency_weight: its mean teacher is the moving average of the "
        "weights; set training.ema_decay, such as 0.999");
}

TEST_CASE("teachers and folders together are accepted, and their paths become absolute") {
  RunConfig config;
  config.data.csv = "labels.csv";
  config.training.ema_decay = 0.99;
  config.training.distillation.teachers = {"a.onnx", "b.pt"};
  config.training.unlabelled.folders = {"faces"};
  config.training.unlabelled.pseudo_labels = true;
  config.training.unlabelled.consistency_weight = 1;
  const TrainingConfig training = resolve_config(config).training;
  CHECK(training.distillation.teachers[1] == std::filesystem::absolute("b.pt"));
  CHECK(training.unlabelled.folders[0] == std::filesystem::absolute("faces"));
}

}  // namespace
}  // namespace mobireg
