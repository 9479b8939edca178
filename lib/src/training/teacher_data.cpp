#include "training/teacher_data.h"

#include <algorithm>
#include <set>

#include "core/fail.h"
#include "data/unlabelled_images.h"
#include "mobireg/core/file.h"
#include "training/pseudo_labels.h"
#include "training/teacher_answers.h"

namespace mobireg {
namespace {

namespace fs = std::filesystem;

fs::path labels_file(const fs::path& run_dir) { return run_dir / "pseudo_labels.csv"; }
fs::path answers_file(const fs::path& run_dir) { return run_dir / "teachers.safetensors"; }

bool learns_features(const RunConfig& config) {
  return config.training.distillation.feature_weight > 0;
}

/// Whether the teachers are to say something of the training rows.
bool asks_about_rows(const RunConfig& config) {
  const DistillationConfig& distillation = config.training.distillation;
  return !distillation.teachers.empty() && (distillation.weight > 0 || learns_features(config));
}

class DataOpener {
 public:
  DataOpener(const RunConfig& config, const fs::path& run_dir, int threads,
             const WarningCallback& warn)
      : config_(config), run_dir_(run_dir), threads_(threads), warn_(warn) {}

  TaughtData open() {
    std::vector<TrainingRows> more;
    if (unlabelled().pseudo_labels) {
      find_pseudo_labels();
      more.push_back(pseudo_labelled_rows(data_.pseudo_labels, labels_file(run_dir_), config_));
    }
    data_.datasets = open_datasets(config_.data, config_.model, threads_, warn_, more);
    if (unlabelled().consistency_weight > 0) {
      data_.datasets.unlabelled =
          open_unlabelled(unlabelled().folders, config_.data, config_.model, threads_, warn_);
    }
    if (!unlabelled().folders.empty()) leave_out_held_out();
    if (asks_about_rows(config_)) find_answers();
    return std::move(data_);
  }

 private:
  const UnlabelledConfig& unlabelled() const { return config_.training.unlabelled; }

  const std::vector<Teacher>& teachers() {
    if (data_.teachers.empty()) {
      data_.teachers = load_teachers(config_.training.distillation.teachers, config_.model,
                                     learns_features(config_));
    }
    return data_.teachers;
  }

  void find_pseudo_labels() {
    if (fs::exists(labels_file(run_dir_))) {
      data_.pseudo_labels = read_file(labels_file(run_dir_));
      return;
    }
    DataConfig from_files = config_.data;  // each teacher decodes them for itself
    from_files.mode = ImageMode::kStream;
    const ImageRegressionDataset images =
        open_unlabelled(unlabelled().folders, from_files, config_.model, threads_, warn_);
    const PseudoLabels labels = make_pseudo_labels(teachers(), images, config_, threads_, warn_);
    data_.pseudo_labels = labels.csv;
    data_.notes.push_back(
        fmt::format("pseudo-labels: kept {} of {} images, on which the teachers agree to {} ({})",
                    labels.kept, labels.images, unlabelled().agreement, labels.views));
  }

  /// Else the held-out rows would not be unseen.
  void leave_out_held_out() {
    std::set<fs::path> held_out;
    for (const auto* rows : {&data_.datasets.validation, &data_.datasets.test}) {
      for (std::int64_t i = 0; i < rows->size(); ++i) {
        held_out.insert(fs::weakly_canonical(rows->file(i)));
      }
    }
    const fs::path folder = common_folder(unlabelled().folders);
    const auto pseudo_set = static_cast<int>(config_.data.all_sets().size());
    const auto is_free = [&](const DatasetRow& row) {
      return held_out.count(fs::weakly_canonical(folder / row.filename)) == 0;
    };
    Datasets& sets = data_.datasets;
    const std::int64_t before = sets.train.size() + sets.unlabelled.size();
    sets.train = sets.train.filter(
        [&](const DatasetRow& row) { return row.set < pseudo_set || is_free(row); });
    sets.unlabelled = sets.unlabelled.filter(is_free);
    const std::int64_t left_out = before - sets.train.size() - sets.unlabelled.size();
    if (unlabelled().consistency_weight > 0 && sets.unlabelled.size() == 0) {
      fail("{}: all of its images are rows of validation or test; none is left to learn from",
           folder.string());
    }
    if (left_out == 0 || !warn_) return;
    warn_(fmt::format("{}: left out {} images that are rows of validation or test", folder.string(),
                      left_out));
  }

  void find_answers() {
    const std::string rows = data_.datasets.train.fingerprint();
    if (fs::exists(answers_file(run_dir_))) {
      data_.answers = read_answers(answers_file(run_dir_), rows);
      return;
    }
    const bool mirrors = config_.augmentation.horizontal_flip || config_.augmentation.vertical_flip;
    data_.answers = ask_teachers(teachers(), data_.datasets.train, config_.model,
                                 {learns_features(config_), mirrors}, threads_);
    for (const Teacher& teacher : teachers()) {
      data_.notes.push_back(
          fmt::format("teacher: {} (SHA-256 {:.12})", teacher.name(), teacher.sha256()));
    }
  }

  const RunConfig& config_;
  const fs::path& run_dir_;
  int threads_;
  const WarningCallback& warn_;
  TaughtData data_;
};

}  // namespace

TaughtData open_taught_data(const RunConfig& config, const fs::path& run_dir, int threads,
                            const WarningCallback& warn) {
  return DataOpener(config, run_dir, threads, warn).open();
}

void keep_answers(const TaughtData& data, const fs::path& run_dir) {
  if (data.teachers.empty()) return;
  if (!data.pseudo_labels.empty() && !fs::exists(labels_file(run_dir))) {
    write_file_atomically(labels_file(run_dir), data.pseudo_labels);
  }
  if (data.answers.targets.defined() && !fs::exists(answers_file(run_dir))) {
    write_answers(answers_file(run_dir), data.answers, data.teachers,
                  data.datasets.train.fingerprint());
  }
}

}  // namespace mobireg
