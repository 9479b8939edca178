// Runs with teachers and with images without labels.

#include <torch/autograd.h>
#include <torch/types.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "mobireg/core/error.h"
#include "mobireg/data/data_frame.h"
#include "mobireg/deploy/predictor.h"
#include "mobireg/training/checkpoint.h"
#include "mobireg/training/run.h"
#include "mobireg/training/trainer.h"
#include "synthetic_run.h"
#include "training/stopping_observer.h"
#include "training/teachers.h"

namespace mobireg {
namespace {

/// Two teachers of other sizes and units, and a folder of other heads without labels.
struct TaughtRun : SyntheticRun {
  std::filesystem::path first = folder.path() / "first.safetensors";
  std::filesystem::path second = folder.path() / "second.safetensors";

  explicit TaughtRun(int epochs = 2) : SyntheticRun(epochs) {
    write_sensitive_teacher(first, config.model);
    write_constant_teacher(
        second,
        teacher_model(
            {{"roll", Unit::kDegrees}, {"pitch", Unit::kDegrees}, {"yaw", Unit::kRadians}}, 64),
        {0, 5, 0.1F});
    SynthOptions heads;
    heads.directory = folder.path() / "unlabelled";
    heads.count = 20;
    heads.size = 48;
    heads.seed = 5;
    write_synth_dataset(heads);
    config.augmentation.horizontal_flip = true;
  }

  /// All of it at once.
  void teach() {
    config.training.distillation.teachers = {first, second};
    config.training.distillation.feature_weight = 0.1;
    config.training.unlabelled.folders = {folder.path() / "unlabelled"};
    config.training.unlabelled.pseudo_labels = true;
    config.training.unlabelled.agreement = 1000;
    config.training.unlabelled.consistency_weight = 1;
    config.training.unlabelled.consistency_rampup = 1;
    config.training.ema_decay = 0.9;
  }

  std::filesystem::path in_run(const char* name) const { return config.run_dir / name; }
};

bool logged(const SyntheticRun& run, const std::string& text) {
  return read_file(run.config.run_dir / "train.log").find(text) != std::string::npos;
}

TEST_CASE(
    "a taught run that is stopped and resumed equals one never stopped, without its teachers") {
  TaughtRun run;
  run.teach();
  start_run(run.config);
  const auto straight = results(run);
  const std::string said = digest_of(run.in_run("teachers.safetensors"));
  const std::string second = read_file(run.second);
  for (const int stop_after : {1, 4, 7}) {
    CAPTURE(stop_after);
    move_away(run);
    StoppingObserver stopping(stop_after);
    CHECK(start_run(run.config, stopping.options()) == RunOutcome::kStopped);
    CHECK(digest_of(run.in_run("teachers.safetensors")) == said);
    std::filesystem::rename(run.first, run.folder.path() / "away");
    write_file_atomically(run.second, "another teacher");
    CHECK(resume_run(run.config.run_dir) == RunOutcome::kFinished);
    CHECK(results(run) == straight);
    std::filesystem::rename(run.folder.path() / "away", run.first);
    write_file_atomically(run.second, second);
  }
}

TEST_CASE("the projection is in the checkpoint but no part of the network") {
  TaughtRun run(1);
  run.teach();
  start_run(run.config);
  const TensorFile file = read_checkpoint(run.checkpoint("last")).weights();
  CHECK(file.find("teaching.projection.weight").sizes() == at::IntArrayRef({512, 256}));
  CHECK(std::any_of(file.tensors.begin(), file.tensors.end(), [](const NamedTensor& named) {
    return named.name.rfind("optimizer.", 0) == 0 &&
           named.name.find("teaching.projection.weight") != std::string::npos;
  }));
  CHECK(Predictor::load(run.checkpoint("last")).card().model.outputs.size() == 3);
  run.config.training = TrainingConfig{};
  run.config.training.init_from = run.checkpoint("last");
  run.config.training.epochs = 1;
  run.config.run_dir = run.folder.path() / "second";
  CHECK(start_run(run.config) == RunOutcome::kFinished);
}

TEST_CASE("with all the weight on the teacher the labels play no part") {
  TaughtRun run(1);
  run.config.training.distillation = {{run.first}, 1.0, 0.0};
  start_run(run.config);
  const auto before = read_checkpoint(run.checkpoint("last")).weights();
  move_away(run);
  const DataFrame table = DataFrame::read_csv(run.config.data.csv);
  DataFrame other;
  for (const std::string& name : table.columns()) {
    if (table.type(name) == ColumnType::kString) {
      const auto& cells = table.strings(name);
      other.add_column(name, std::vector<std::string>(cells.begin(), cells.end()));
    } else {
      other.add_column(name, std::vector<double>(table.numbers(name).size(), 0.5));
    }
  }
  other.write_csv(run.config.data.csv);
  start_run(run.config);
  const auto after = read_checkpoint(run.checkpoint("last")).weights();
  const char* name = "backbone.conv_pw_13.weight";
  CHECK(torch::equal(before.find(name), after.find(name)));
  move_away(run);
  run.config.training.distillation.weight = 0.9;
  start_run(run.config);
  CHECK(!torch::equal(before.find(name),
                      read_checkpoint(run.checkpoint("last")).weights().find(name)));
}

TEST_CASE("a student learns what its teacher says, whatever the labels") {
  SyntheticRun run;
  run.config.training.distillation.weight = 1;
  for (HeadConfig& head : run.config.model.heads) head.dropout = 0;
  const Datasets datasets = open_datasets(run.config.data, run.config.model, 2);
  TrainerOptions options;
  options.answers.targets = torch::tensor({0.1F, -0.2F, 0.3F}).repeat({datasets.train.size(), 1});
  Trainer trainer(run.config, datasets, options);
  trainer.enter_training();
  const Batch batch = trainer.training_batch(0, false);
  const auto error = [&] {
    const torch::NoGradGuard no_grad;
    const at::Tensor said = trainer.network()->predict(batch.images);
    return (said - batch.teacher_targets).abs().mean().item<double>();
  };
  const double before = error();
  for (int i = 0; i < 40; ++i) trainer.train_on(batch);
  CHECK(error() < 0.1 * before);
}

TEST_CASE("pseudo-labelled images are training rows and nothing else, and the log tells") {
  TaughtRun run(1);
  run.teach();
  StoppingObserver observer;
  start_run(run.config, observer.options());
  const DataFrame labels = DataFrame::read_csv(run.in_run("pseudo_labels.csv"));
  CHECK(labels.columns() == std::vector<std::string>{"filename", "pitch", "yaw", "roll", "spread"});
  CHECK(labels.rows() == 20);
  const DataFrame rows = DataFrame::read_csv(run.in_run("rows.csv"));
  CHECK(rows.rows() == 64 + 20);
  const auto& where = rows.strings("row");
  const auto& splits = rows.strings("split");
  for (std::size_t i = 0; i < where.size(); ++i) {
    if (where[i].find("pseudo_labels.csv") != std::string::npos) CHECK(splits[i] == "train");
  }
  CHECK(logged(run,
               "pseudo-labels: kept 20 of 20 images, on which the teachers agree to 1000 "
               "(plain, mirrored, turned by +10, turned by -10)"));
  CHECK(logged(run, "teacher: " + run.first.string() + " (SHA-256 "));
  CHECK(observer.warnings.empty());
}

TEST_CASE("images that are held-out rows are left out of those without labels") {
  TaughtRun run(1);
  run.teach();
  run.config.training.unlabelled.folders = {run.folder.path() / "heads"};
  StoppingObserver observer;
  start_run(run.config, observer.options());
  const DataFrame rows = DataFrame::read_csv(run.in_run("rows.csv"));
  const auto& splits = rows.strings("split");
  const auto held_out = 64 - 50;
  CHECK(std::count(splits.begin(), splits.end(), "train") == 50 + 50);
  REQUIRE(observer.warnings.size() == 1);
  CHECK(observer.warnings[0] == (run.folder.path() / "heads").string() + ": left out " +
                                    std::to_string(2 * held_out) +
                                    " images that are rows of validation or test");
}

TEST_CASE("a run whose unlabelled images have changed is not gone on with") {
  TaughtRun run;
  run.teach();
  run.config.training.unlabelled.pseudo_labels = false;
  StoppingObserver stopping(2);
  start_run(run.config, stopping.options());
  std::filesystem::remove(run.folder.path() / "unlabelled/images/000003.png");
  CHECK_THROWS_WITH(resume_run(run.config.run_dir),
                    run.config.run_dir.string() +
                        ": the data's rows are not those the run was started with; a run goes on "
                        "with its own data");
}

TEST_CASE("what the teachers said is asked again where it was lost before the first checkpoint") {
  TaughtRun run(1);
  run.teach();
  start_run(run.config);
  const auto straight = results(run);
  std::filesystem::remove(run.in_run("teachers.safetensors"));
  std::filesystem::remove(run.in_run("pseudo_labels.csv"));
  std::filesystem::remove_all(run.config.run_dir / "checkpoints");
  std::filesystem::create_directory(run.config.run_dir / "checkpoints");
  CHECK(resume_run(run.config.run_dir) == RunOutcome::kFinished);
  CHECK(results(run) == straight);
  CHECK(std::filesystem::exists(run.in_run("teachers.safetensors")));
}

TEST_CASE("a teacher that is not there stops the run before it begins") {
  TaughtRun run(1);
  run.config.training.distillation.teachers = {run.folder.path() / "nobody.onnx"};
  CHECK_THROWS_AS(start_run(run.config), Error);
  CHECK(!std::filesystem::exists(run.config.run_dir));
}

}  // namespace
}  // namespace mobireg
