// A trainer's state as a checkpoint, and back.

#include <ATen/Parallel.h>

#include "core/fail.h"
#include "mobireg/model/weights.h"
#include "mobireg/training/trainer.h"

namespace mobireg {
namespace {

void append(std::vector<NamedTensor> more, std::vector<NamedTensor>& tensors) {
  for (NamedTensor& named : more) tensors.push_back(std::move(named));
}

/// The weights in training of a checkpoint whose weights are their average.
TensorFile training_weights(const TensorFile& file) {
  const std::string prefix = kTrainingWeights;
  TensorFile weights;
  for (const NamedTensor& named : file.tensors) {
    if (named.name.compare(0, prefix.size(), prefix) != 0) continue;
    weights.tensors.push_back({named.name.substr(prefix.size()), named.tensor});
  }
  return weights;
}

}  // namespace

Checkpoint Trainer::checkpoint() const {
  Checkpoint checkpoint{config_, epoch_, step_, at::get_num_threads(), datasets_.fingerprint(),
                        best_,   {}};
  auto& tensors = checkpoint.tensors;
  tensors.push_back({"metrics.sums", sums_.state()});  // 8-byte values first: alignment
  append(schedule_.state(), tensors);
  if (average_) append(average_->state(), tensors);
  if (standardizer_->whitening().defined()) {
    tensors.push_back({kWhiteningName, standardizer_->whitening()});
  }
  append(optimizer_.state(), tensors);
  append(optimizer_.gradients(), tensors);
  append(teaching_.parameters(), tensors);
  append(named_weights(*judged_network()), tensors);
  if (average_) {
    for (NamedTensor& named : named_weights(*network_)) {
      tensors.push_back({kTrainingWeights + named.name, named.tensor});
    }
  }
  return checkpoint;
}

void Trainer::restore(const Checkpoint& checkpoint, const std::string& origin) {
  const TensorFile file = checkpoint.weights();
  if (average_) {
    load_weights(*network_, training_weights(file), origin);
    average_->load_state(file, origin);
  } else {
    load_weights(*network_, file, origin, kNotWeights);
  }
  teaching_.load_state(file, origin);
  optimizer_.load_state(file, origin);
  schedule_.load_state(file, origin);
  const at::Tensor sums = file.find("metrics.sums");
  if (!sums.defined() || sums.sizes() != sums_.state().sizes()) {
    fail("{}: the tensor metrics.sums is missing or of another shape", origin);
  }
  sums_.set_state(sums);
  epoch_ = checkpoint.epoch;
  step_ = checkpoint.step;
  best_ = checkpoint.best;
  const bool between_updates = step_ % steps_per_epoch() % config_.training.accumulate != 0;
  if (between_updates) optimizer_.load_gradients(file, origin);
}

}  // namespace mobireg
