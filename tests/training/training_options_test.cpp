// What a run may do beside plain steps: accumulation, frozen epochs, averaged weights, schedules,
// early stopping. Each must survive interruptions bit for bit.

#include <torch/types.h>

#include <catch2/catch.hpp>
#include <sstream>

#include "mobireg/core/error.h"
#include "mobireg/core/file.h"
#include "mobireg/data/data_frame.h"
#include "mobireg/model/weights.h"
#include "mobireg/training/checkpoint.h"
#include "mobireg/training/run.h"
#include "mobireg/training/text_reporter.h"
#include "mobireg/training/trainer.h"
#include "synthetic_run.h"
#include "training/stopping_observer.h"

namespace mobireg {
namespace {

/// Keeps copies of a network's weights after each step.
class WeightHistory : public RunObserver {
 public:
  explicit WeightHistory(std::string name) : name_(std::move(name)) {}
  void on_epoch(const EpochDone& event) override { keep(event.trainer); }

  std::vector<at::Tensor> trained, judged;

 private:
  void keep(const Trainer& trainer) {
    for (auto& [network, kept] :
         {std::pair{trainer.network(), &trained}, std::pair{trainer.judged_network(), &judged}}) {
      for (const NamedTensor& named : named_weights(*network)) {
        if (named.name == name_) kept->push_back(named.tensor.detach().clone());
      }
    }
  }

  std::string name_;
};

constexpr const char* kBackboneWeight = "backbone.conv_pw_3.weight";
constexpr const char* kBackboneMean = "backbone.conv_pw_3_bn.running_mean";
constexpr const char* kHeadWeight = "heads.yaw.output.weight";

TEST_CASE("with everything on at once, a run stopped anywhere goes on bit for bit") {
  SyntheticRun run(5);
  TrainingConfig& training = run.config.training;
  training.accumulate = 3;  // of 4 batches an epoch: updates of 3 and of 1
  training.optimizer.name = OptimizerKind::kAdamW;
  training.optimizer.weight_decay = 0.05;
  training.optimizer.clip_norm = 0.5;
  training.optimizer.schedule = ScheduleKind::kPlateau;
  training.optimizer.plateau_patience = 1;
  training.optimizer.warmup_epochs = 0.5;
  training.optimizer.backbone_rate = 0.5;
  training.ema_decay = 0.9;
  training.early_stopping = 4;
  training.freeze_epochs = 2;
  run.config = resolve_config(run.config);
  start_run(run.config);
  const auto straight = results(run);
  for (const int stop_after : {1, 2, 4, 6, 9, 13, 17}) {
    CAPTURE(stop_after);
    move_away(run);
    StoppingObserver stopping(stop_after);
    CHECK(start_run(run.config, stopping.options()) == RunOutcome::kStopped);
    // Interrupted again at once: what was restored is saved again unchanged.
    StoppingObserver again(1);
    CHECK(resume_run(run.config.run_dir, {}, again.options()) == RunOutcome::kStopped);
    CHECK(resume_run(run.config.run_dir) == RunOutcome::kFinished);
    CHECK(results(run) == straight);
  }
}

at::Tensor copy_of(const Trainer& trainer, const std::string& parameter) {
  return trainer.network()->named_parameters()[parameter].detach().clone();
}

TEST_CASE("weights move after the last of the accumulated batches, and of an epoch") {
  SyntheticRun run(1);
  run.config.training.accumulate = 3;  // of 4
  const Datasets datasets = open_datasets(run.config.data, run.config.model, 2);
  Trainer trainer(run.config, datasets);
  trainer.enter_training();
  for (int step = 0; step < 4; ++step) {
    const at::Tensor before = copy_of(trainer, kHeadWeight);
    trainer.train_on(trainer.training_batch(step, true));
    CAPTURE(step);
    CHECK(torch::equal(copy_of(trainer, kHeadWeight), before) == (step < 2));
  }
}

TEST_CASE("accumulated batches have the mean gradient of one large batch") {
  // But for batch normalisation, which a frozen backbone leaves out.
  SyntheticRun run(1);
  RunConfig& config = run.config;
  config.augmentation = {};
  config.data.shuffle = false;
  for (HeadConfig& head : config.model.heads) head.dropout = 0;
  config.training.freeze_epochs = 1;
  config.training.optimizer.name = OptimizerKind::kSgd;
  config.training.optimizer.learning_rate = 0.1;
  const Datasets datasets = open_datasets(config.data, config.model, 2);
  std::vector<at::Tensor> results;
  for (const int parts : {1, 3}) {
    config.training.accumulate = parts;
    config.training.batch_size = 48 / parts;
    Trainer trainer(config, datasets);
    trainer.enter_training();
    for (int step = 0; step < parts; ++step) trainer.train_on(trainer.training_batch(step, true));
    results.push_back(copy_of(trainer, "heads.yaw.output.bias"));
  }
  CHECK(torch::allclose(results[0], results[1], 1e-4, 1e-8));
  CHECK(results[0].abs().item<double>() > 1e-4);  // it began at 0
}

TEST_CASE("a frozen backbone stays bit for bit, statistics too, while the heads learn") {
  for (const Kernels kernels : {Kernels::kAuto, Kernels::kAten}) {
    SyntheticRun run(3);
    run.config.kernels = kernels;
    run.config.training.freeze_epochs = 2;
    WeightHistory weight(kBackboneWeight);
    WeightHistory mean(kBackboneMean);
    WeightHistory head(kHeadWeight);
    start_run(run.config, {{&weight, &mean, &head}, nullptr, {}});
    for (const WeightHistory* frozen : {&weight, &mean}) {
      CHECK(torch::equal(frozen->trained[0], frozen->trained[1]));
      CHECK_FALSE(torch::equal(frozen->trained[1], frozen->trained[2]));
    }
    CHECK(torch::equal(mean.trained[0], torch::zeros_like(mean.trained[0])));  // as it began
    CHECK_FALSE(torch::equal(head.trained[0], head.trained[1]));
  }
}

TEST_CASE(
    "a checkpoint's weights are the average, which validation judged; training's lie beside") {
  SyntheticRun run(2);
  run.config.training.ema_decay = 0.99;
  WeightHistory history(kHeadWeight);
  start_run(run.config, {{&history}, nullptr, {}});
  const TensorFile file = read_checkpoint(run.checkpoint("last")).weights();
  CHECK(torch::equal(file.find(kHeadWeight), history.judged[1]));
  CHECK(torch::equal(file.find(std::string("training.") + kHeadWeight), history.trained[1]));
  CHECK_FALSE(torch::equal(history.judged[1], history.trained[1]));
  CHECK(file.find("average.updates").item<int>() == 8);

  // Validation's numbers are those of the checkpoint's weights in a network of their own.
  const Datasets datasets = open_datasets(run.config.data, run.config.model, 2);
  RunConfig plain = run.config;
  plain.training.ema_decay = 0;
  plain.training.init_from = run.checkpoint("last");
  Trainer trainer(plain, datasets);
  trainer.begin();
  CHECK(torch::equal(trainer.network()->named_parameters()[kHeadWeight], history.judged[1]));
  const DataFrame metrics = DataFrame::read_csv(run.config.run_dir / "metrics.csv");
  const RegressionLoss loss(plain.training, plain.model);
  Validation validation(plain, datasets.validation,
                        std::make_shared<const Standardizer>(plain.model.input), [&] {
                          BatchOptions batches;
                          batches.batch_size = plain.training.batch_size;
                          return batches;
                        }());
  const auto judged = validation.judge(trainer.network(), loss);
  CHECK(judged->mae == Approx(metrics.numbers("val_mae")[1]).epsilon(1e-12));
}

TEST_CASE("a run with a moving average begins it at init_from's weights") {
  SyntheticRun run(1);
  start_run(run.config);
  run.config.training.init_from = run.checkpoint("last");
  run.config.training.ema_decay = 0.9;
  const Datasets datasets = open_datasets(run.config.data, run.config.model, 2);
  Trainer trainer(run.config, datasets);
  trainer.begin();
  CHECK(torch::equal(trainer.judged_network()->named_parameters()[kHeadWeight],
                     read_checkpoint(run.checkpoint("last")).weights().find(kHeadWeight)));
}

TEST_CASE("early stopping ends a run that gets no better, and a resume leaves it ended") {
  SyntheticRun run(30);
  run.config.training.steps_per_epoch = 1;
  run.config.training.early_stopping = 2;
  run.config.training.optimizer.learning_rate = 0.3;  // it only gets worse
  run.config.training.checkpoint.every = 50;
  std::ostringstream text;
  TextReporter reporter(text, ReportStyle::kLines);
  StoppingObserver observer;
  CHECK(start_run(run.config, {{&observer, &reporter}, nullptr, {}}) == RunOutcome::kEndedEarly);
  CHECK(observer.outcome == RunOutcome::kEndedEarly);
  const Checkpoint last = read_checkpoint(run.checkpoint("last"));
  REQUIRE(last.best);
  CHECK(last.epoch < 30);
  CHECK(last.epoch == last.best->epoch + 2);
  CHECK(text.str().find("ended early after epoch " + std::to_string(last.epoch) +
                        " of 30: no better validation mae in 2 epochs\n") != std::string::npos);
  const std::string before = digest_of(run.checkpoint("last"));
  StoppingObserver again;
  CHECK(resume_run(run.config.run_dir, {}, again.options()) == RunOutcome::kEndedEarly);
  CHECK(again.epochs.empty());
  CHECK(digest_of(run.checkpoint("last")) == before);
}

TEST_CASE(
    "what needs validation rows is refused where there are none, before anything is written") {
  SyntheticRun run(2);
  run.config.data.validation.rule = SplitRule::kNone;
  run.config.training.early_stopping = 1;
  CHECK_THROWS_WITH(start_run(run.config),
                    "training.early_stopping needs validation rows, and there are none");
  run.config.training.early_stopping = 0;
  run.config.training.optimizer.schedule = ScheduleKind::kPlateau;
  CHECK_THROWS_WITH(
      start_run(run.config),
      "training.optimizer.schedule: plateau needs validation rows, and there are none");
  CHECK(!std::filesystem::exists(run.config.run_dir));
}

TEST_CASE("init_parts takes the backbone of a network with other heads") {
  SyntheticRun run(1);
  start_run(run.config);
  SyntheticRun other(1);
  other.config.model.heads = {{"pose", {"pitch", "yaw", "roll"}}};
  other.config.training.init_from = run.checkpoint("last");
  other.config.training.init_parts = {"backbone"};
  other.config = resolve_config(other.config);
  const Datasets datasets = open_datasets(other.config.data, other.config.model, 2);
  Trainer trainer(other.config, datasets);
  trainer.begin();
  const TensorFile source = read_checkpoint(run.checkpoint("last")).weights();
  CHECK(torch::equal(trainer.network()->named_parameters()[kBackboneWeight],
                     source.find(kBackboneWeight)));
  CHECK(
      torch::equal(trainer.network()->named_buffers()[kBackboneMean], source.find(kBackboneMean)));
}

TEST_CASE("the learning rate is told where it moves") {
  SyntheticRun run(1);
  std::ostringstream constant;
  std::ostringstream cosine;
  TextReporter first(constant, ReportStyle::kLines);
  TextReporter second(cosine, ReportStyle::kLines);
  start_run(run.config, {{&first}, nullptr, {}});
  move_away(run);
  run.config.training.optimizer.schedule = ScheduleKind::kCosine;
  start_run(run.config, {{&second}, nullptr, {}});
  CHECK(constant.str().find("  rate ") == std::string::npos);
  CHECK(cosine.str().find("  rate 0.000146  ") != std::string::npos);  // (1 + cos(3 pi / 4)) / 2000
}

}  // namespace
}  // namespace mobireg
