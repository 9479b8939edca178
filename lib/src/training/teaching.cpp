#include "mobireg/training/teaching.h"

#include <torch/autograd.h>
#include <torch/nn/functional/linear.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "augmentation/geometry.h"
#include "core/fail.h"
#include "mobireg/core/random.h"

namespace mobireg {
namespace {

constexpr const char* kWeight = "teaching.projection.weight";
constexpr const char* kBias = "teaching.projection.bias";

/// The square of every output's error, whatever the run's loss.
RegressionLoss square_loss(const RunConfig& config) {
  TrainingConfig training = config.training;
  training.loss = LossKind::kMse;
  ModelConfig model = config.model;
  for (HeadConfig& head : model.heads) head.loss.reset();
  return {training, model};
}

/// Glorot's, as the network's Dense layers.
at::Tensor random_projection(std::int64_t to, std::int64_t from, std::uint64_t seed) {
  at::Tensor weight = torch::empty({to, from});
  const double limit = glorot_limit({to, from}, 1);
  Random random(derive_seed(seed, "projection"));
  float* values = weight.data_ptr<float>();
  std::generate(values, values + weight.numel(),
                [&] { return static_cast<float>(random.uniform(-limit, limit)); });
  return weight.requires_grad_();
}

void copy_into(at::Tensor& tensor, const char* name, const TensorFile& file,
               const std::string& origin) {
  const at::Tensor given = file.find(name);
  if (!given.defined() || given.sizes() != tensor.sizes()) {
    fail("{}: the tensor {} is missing or of another shape", origin, name);
  }
  const torch::NoGradGuard no_grad;
  tensor.copy_(given);
}

Affine affine_of(const double* numbers) {
  return {numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]};
}

}  // namespace

Teaching::Teaching(const RunConfig& config, int student_features, const TeacherAnswers& answers)
    : distillation_(config.training.distillation),
      unlabelled_(config.training.unlabelled),
      answers_(answers),
      size_(config.model.input.size),
      squares_(square_loss(config)) {
  if (config.augmentation.labels == LabelRule::kFollow) {
    labels_ = std::make_shared<const LabelTransform>(config.model);
  }
  if (!answers.features.defined()) return;
  weight_ = random_projection(answers.features.size(1), student_features, config.seed);
  bias_ = torch::zeros({answers.features.size(1)}).requires_grad_();
}

TaughtPass Teaching::pass(Regressor& network, const Batch& batch, const RegressionLoss& loss,
                          const Regressor& average, double epochs) const {
  at::Tensor images = batch.images;
  at::Tensor moved;
  if (batch.unlabelled) {
    moved = moved_targets(average, *batch.unlabelled);
    images =
        torch::cat({images, batch.unlabelled->images}).contiguous(at::MemoryFormat::ChannelsLast);
  }
  const std::int64_t labelled = batch.images.size(0);
  const at::Tensor features = network->features(images);
  const at::Tensor raw = network->heads(features);
  TaughtPass pass;
  pass.raw = batch.unlabelled ? raw.narrow(0, 0, labelled) : raw;
  pass.loss = label_loss(pass.raw, batch, loss);
  if (answers_.features.defined()) {
    const at::Tensor difference = feature_loss(features.narrow(0, 0, labelled), batch);
    pass.loss = pass.loss + distillation_.feature_weight * difference;
  }
  if (batch.unlabelled) {
    const at::Tensor rest = raw.narrow(0, labelled, raw.size(0) - labelled);
    pass.loss = pass.loss + consistency_weight(epochs) * squares_(rest, moved, {}, {});
  }
  return pass;
}

at::Tensor Teaching::label_loss(const at::Tensor& raw, const Batch& batch,
                                const RegressionLoss& loss) const {
  const double weight = distillation_.weight;
  if (!batch.teacher_targets.defined() || weight == 0) return loss(raw, batch);
  const at::Tensor taught = loss(raw, batch.teacher_targets, {}, batch.weights);
  if (weight == 1) return taught;
  return (1 - weight) * loss(raw, batch) + weight * taught;
}

at::Tensor Teaching::feature_loss(const at::Tensor& features, const Batch& batch) const {
  const at::Tensor given = torch::nn::functional::linear(features, weight_, bias_);
  const at::Tensor rows = (given - wanted_features(batch)).square().mean(1);
  return batch.weights.defined() ? (rows * batch.weights).mean() : rows.mean();
}

at::Tensor Teaching::wanted_features(const Batch& batch) const {
  const at::Tensor rows = torch::tensor(batch.rows);
  const at::Tensor plain = answers_.features.index_select(0, rows);
  if (!answers_.mirrored_features.defined() || !batch.geometry.defined()) return plain;
  const at::Tensor g = batch.geometry;
  const at::Tensor determinant = g.select(1, 0) * g.select(1, 4) - g.select(1, 1) * g.select(1, 3);
  return torch::where((determinant < 0).unsqueeze(1),
                      answers_.mirrored_features.index_select(0, rows), plain);
}

at::Tensor Teaching::moved_targets(const Regressor& average, const Batch& unlabelled) const {
  const torch::NoGradGuard no_grad;
  Regressor network = average;
  const at::Tensor targets = network->predict(unlabelled.plain_images).contiguous().clone();
  if (!labels_) return targets;
  const double* geometry = unlabelled.geometry.data_ptr<double>();
  const std::int64_t outputs = targets.size(1);
  for (std::int64_t i = 0; i < targets.size(0); ++i) {
    labels_->apply(affine_of(geometry + i * 6), size_, targets.data_ptr<float>() + i * outputs);
  }
  return targets;
}

double Teaching::consistency_weight(double epochs) const {
  const double ramp = unlabelled_.consistency_rampup;
  const double left = ramp > 0 ? std::max(0.0, 1 - epochs / ramp) : 0;
  return unlabelled_.consistency_weight * std::exp(-5 * left * left);
}

std::vector<NamedTensor> Teaching::parameters() const {
  if (!weight_.defined()) return {};
  return {{kWeight, weight_}, {kBias, bias_}};
}

void Teaching::load_state(const TensorFile& file, const std::string& origin) {
  if (!weight_.defined()) return;
  copy_into(weight_, kWeight, file, origin);
  copy_into(bias_, kBias, file, origin);
}

}  // namespace mobireg
