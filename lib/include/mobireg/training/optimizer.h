#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mobireg/config/training_config.h"
#include "mobireg/model/safetensors.h"

namespace mobireg {

struct UpdateRule;
struct UpdateSpan;

/// What one update does beside its rule.
struct UpdateOptions {
  double gradient_scale = 1;  // multiplies the gradients before anything else
  double average_share = 0;   // of the weights in their moving averages, where these are set
};

/// Keras's Adam, AdamW and SGD, plain, with momentum and Nesterov's (tf.keras 2.15), in Keras's
/// arithmetic, g being the gradient and w the weight:
///   Adam      m += (1 - b1)(g - m); v += (1 - b2)(g^2 - v);
///             w -= rate sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + epsilon)
///   AdamW     w -= rate weight_decay w, then as Adam
///   SGD       w -= rate g
///   momentum  v = momentum v - rate g; w += v
///   nesterov  v = momentum v - rate g; w += momentum v - rate g
/// With `clip_norm` all gradients are multiplied by clip_norm / max(clip_norm, their L2 norm), as
/// tf.clip_by_global_norm does; then, but in AdamW, weight_decay w is added to g (the gradient of
/// an L2 penalty). Neither decay touches biases and BatchNorm. The rate of parameters whose names
/// begin with `backbone.` is `backbone_rate` times the others'; t counts a parameter's own updates.
/// Float parameters on the CPU are updated in one parallel sweep, others by LibTorch's operators.
class Optimizer {
 public:
  /// `parameters` are updated in place, from their `.grad()`; one without stays as it is. `config`
  /// must be resolved.
  Optimizer(std::vector<NamedTensor> parameters, const OptimizerConfig& config);

  /// Tensors that every update moves towards the first parameters, in their order, of their shapes
  /// and strides: average += share (w - average).
  void set_averages(const std::vector<at::Tensor>& averages);

  void zero_grad();

  /// Throws Error when gradients are to be clipped and their norm is not finite.
  void step(const UpdateOptions& options = {});

  double learning_rate() const { return *config_.learning_rate; }
  void set_learning_rate(double rate) { config_.learning_rate = rate; }

  /// Tensors named `optimizer.*`: each parameter's count of updates and its averages.
  std::vector<NamedTensor> state() const;

  /// Throws Error naming `origin` when a tensor is missing or has another shape.
  void load_state(const TensorFile& file, const std::string& origin);

  /// The gradients there are, as `optimizer.gradient.NAME`: the state between two batches whose
  /// gradients make one update.
  std::vector<NamedTensor> gradients() const;
  void load_gradients(const TensorFile& file, const std::string& origin);

 private:
  struct Slot {
    NamedTensor parameter;
    at::Tensor first;    // Adam's m, momentum's v
    at::Tensor second;   // Adam's v
    at::Tensor average;  // of the parameter
    double rate_factor = 1;
    bool decays = false;
    std::int64_t updates = 0;
  };

  bool is_adam() const;
  double clip_factor(const UpdateOptions& options, const std::vector<at::Tensor>& gradients) const;
  double rate_of(const Slot& slot) const;
  UpdateRule rule_of(const Slot& slot, double gradient_scale) const;
  static void add_spans(const Slot& slot, const at::Tensor& gradient, const UpdateRule& rule,
                        std::vector<UpdateSpan>& spans);
  void update(const UpdateSpan& span) const;
  void update(Slot& slot, const at::Tensor& gradient, double gradient_scale) const;  // by operators

  OptimizerConfig config_;
  std::vector<Slot> slots_;
};

}  // namespace mobireg
