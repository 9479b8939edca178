#include "training/checkpoint_writer.h"

#include <algorithm>
#include <vector>

#include "core/fail.h"
#include "mobireg/training/checkpoint.h"
#include "mobireg/training/trainer.h"

namespace mobireg {
namespace {

/// Gives `target` the contents of `source`, at once: a second name of one file where the file
/// system can, else a copy.
void replace_by(const std::filesystem::path& source, const std::filesystem::path& target) {
  const auto temporary = target.parent_path() / ("." + target.filename().string() + ".tmp");
  std::error_code error;
  std::filesystem::remove(temporary, error);
  std::filesystem::create_hard_link(source, temporary, error);
  if (error) std::filesystem::copy_file(source, temporary, error);
  if (!error) std::filesystem::rename(temporary, target, error);
  if (error) fail("{}: cannot be written: {}", target.string(), error.message());
}

}  // namespace

CheckpointWriter::CheckpointWriter(std::filesystem::path folder, const CheckpointConfig& config,
                                   const RunObservers& listeners)
    : folder_(std::move(folder)), config_(config), listeners_(listeners) {}

void CheckpointWriter::on_epoch(const EpochDone& event) {
  const bool due = event.epoch % config_.every == 0 || event.epoch == event.epochs;
  if (!due && !event.best) return;
  const Checkpoint checkpoint = event.trainer.checkpoint();
  if (event.best) {
    write_checkpoint(folder_ / "best.safetensors", checkpoint);
    tell(folder_ / "best.safetensors", event.epoch, true);
  }
  if (!due) return;
  const auto path = folder_ / fmt::format("epoch-{:04}.safetensors", event.epoch);
  write_checkpoint(path, checkpoint);
  // `best` stays a file of its own: damage to one name must not reach the other.
  replace_by(path, folder_ / "last.safetensors");
  remove_old();
  tell(path, event.epoch, false);
}

void CheckpointWriter::on_end(const RunEnded& event) {
  if (event.outcome == RunOutcome::kFinished) return;
  const auto path = folder_ / "last.safetensors";
  write_checkpoint(path, event.trainer.checkpoint());
  tell(path, event.epoch, false);
}

void CheckpointWriter::remove_old() const {
  if (config_.keep == 0) return;
  std::vector<std::filesystem::path> epochs;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    const auto& path = entry.path();
    if (path.filename().string().rfind("epoch-", 0) == 0 && path.extension() == ".safetensors") {
      epochs.push_back(path);
    }
  }
  // By length first: epoch-10000 comes after epoch-9999.
  std::sort(epochs.begin(), epochs.end(), [](const auto& a, const auto& b) {
    const std::string left = a.filename().string();
    const std::string right = b.filename().string();
    return std::make_pair(left.size(), left) < std::make_pair(right.size(), right);
  });
  const auto keep = static_cast<std::size_t>(config_.keep);
  for (std::size_t i = 0; i + keep < epochs.size(); ++i) {
    std::error_code ignored;  // an old checkpoint too many does no harm
    std::filesystem::remove(epochs[i], ignored);
  }
}

void CheckpointWriter::tell(const std::filesystem::path& path, int epoch, bool best) const {
  for (RunObserver* listener : listeners_) listener->on_checkpoint({path, epoch, best});
}

}  // namespace mobireg
