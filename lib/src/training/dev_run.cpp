#include "mobireg/training/dev_run.h"

#include <stdlib.h>
#include <torch/types.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "core/fail.h"
#include "mobireg/deploy/predict_tensor.h"
#include "mobireg/evaluation/evaluate_file.h"
#include "mobireg/training/run.h"

namespace mobireg {
namespace {

constexpr int kSteps = 2;  // an epoch
constexpr int kEpochs = 2;
constexpr std::int64_t kImages = 8;  // predicted

/// A folder that is removed with all it holds.
class WorkFolder {
 public:
  WorkFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "mobireg-dev-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) fail("{}: {}", name, std::strerror(errno));
    path_ = name;
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  ~WorkFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Stops a run in the middle of its second epoch, and earlier when the caller wants it.
class Interruption : public RunObserver {
 public:
  explicit Interruption(const std::atomic<bool>& caller) : caller_(caller) {}
  void on_step(const StepDone& event) override {
    if (caller_ || (event.epoch == kEpochs && event.step_in_epoch == 1)) stop = true;
  }

  std::atomic<bool> stop{false};

 private:
  const std::atomic<bool>& caller_;
};

RunConfig short_config(const RunConfig& given, const std::filesystem::path& run_dir) {
  RunConfig config = given;
  config.run_dir = run_dir;
  config.data.mode = ImageMode::kStream;
  config.data.cache.clear();
  config.data.save_to_dir.clear();
  TrainingConfig& training = config.training;
  training.epochs = kEpochs;
  training.steps_per_epoch = kSteps;
  training.validation_steps = kSteps;
  training.accumulate = std::min(training.accumulate, kSteps);
  training.early_stopping = 0;
  training.freeze_epochs = std::min(training.freeze_epochs, kEpochs - 1);
  training.checkpoint = {};
  training.optimizer.schedule_epochs = 0;
  training.optimizer.warmup_epochs = std::min(training.optimizer.warmup_epochs, 1.0);
  return config;
}

void predict_from(const std::filesystem::path& checkpoint) {
  const at::Tensor outputs =
      predict_tensor(Predictor::load(checkpoint), images_of_run(checkpoint, kImages));
  if (!torch::isfinite(outputs).all().item<bool>()) fail("outputs are not finite");
}

}  // namespace

bool fast_dev_run(const RunConfig& config, const std::function<void(const std::string&)>& passed,
                  const std::atomic<bool>& stop) {
  const WorkFolder work;
  const auto run_dir = work.path() / "run";
  const auto part = [&](const char* name, const std::function<void()>& body) {
    if (stop) return;
    try {
      body();
    } catch (const std::exception& error) {
      fail("{}: {}", name, error.what());
    }
    if (!stop) passed(name);
  };
  part("training, validation and checkpoints", [&] {
    Interruption interruption(stop);
    start_run(short_config(config, run_dir), {{&interruption}, &interruption.stop, {}});
  });
  part("resume", [&] { resume_run(run_dir, {}, {{}, &stop, {}}); });
  part("prediction", [&] { predict_from(run_dir / "checkpoints" / "last.safetensors"); });
  return !stop;
}

}  // namespace mobireg
