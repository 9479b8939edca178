// Trains a small head-pose network on a CSV of filename,pitch,yaw,roll (radians), and says how each
// epoch went:
//   train-example LABELS.csv RUN_DIR [EPOCHS]

#include <mobireg/config/run_config.h>
#include <mobireg/training/run.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>

namespace {

class EpochPrinter : public mobireg::RunObserver {
 public:
  void on_start(const mobireg::RunStarted& run) override {
    std::printf("%lld images to learn from, %lld to judge by\n",
                static_cast<long long>(run.train_rows),
                static_cast<long long>(run.validation_rows));
  }

  void on_epoch(const mobireg::EpochDone& done) override {
    std::printf("epoch %d of %d: mean error %.2f degrees%s\n", done.epoch, done.epochs,
                done.validation->mae, done.best ? ", the best so far" : "");
  }

  void on_end(const mobireg::RunEnded& run) override {
    std::printf("done after %lld steps\n", static_cast<long long>(run.step));
  }
};

/// What a JSON file would say; docs/configuration.md has all of it.
mobireg::RunConfig describe_run(const char* csv, const char* run_dir, int epochs) {
  mobireg::RunConfig config;
  config.run_dir = run_dir;
  config.data.csv = csv;
  config.data.validation.fraction = 0.25;
  config.model.alpha = 0.25;
  config.augmentation.rotation_range = 10;  // degrees; the labels follow
  config.augmentation.horizontal_flip = true;
  config.training.epochs = epochs;
  config.training.batch_size = 16;
  config.training.loss = mobireg::LossKind::kMae;
  return mobireg::resolve_config(config);
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3 && argc != 4) throw std::runtime_error("LABELS.csv RUN_DIR [EPOCHS]");
  EpochPrinter printer;
  mobireg::RunOptions options;
  options.observers = {&printer};
  const int epochs = argc == 4 ? std::atoi(argv[3]) : 20;
  mobireg::start_run(describe_run(argv[1], argv[2], epochs), options);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "train-example: %s\n", error.what());
  return 1;
}
