#pragma once

#include <cstdint>
#include <vector>

#include "mobireg/config/training_config.h"
#include "mobireg/model/safetensors.h"

namespace mobireg {

struct UpdateSpan;

/// Keras's Adam, SGD and SGD with momentum (tf.keras 2.15), in Keras's arithmetic:
///   Adam      m += (1 - b1)(g - m); v += (1 - b2)(g^2 - v);
///             w -= rate sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + epsilon)
///   SGD       w -= rate g
///   momentum  v = momentum v - rate g; w += v
/// Float parameters on the CPU are updated in one parallel sweep, others by LibTorch's operators.
class Optimizer {
 public:
  /// `parameters` are updated in place, from their `.grad()`. `config` must be resolved.
  Optimizer(std::vector<NamedTensor> parameters, const OptimizerConfig& config);

  void zero_grad();
  void step();

  double learning_rate() const { return *config_.learning_rate; }
  void set_learning_rate(double rate) { config_.learning_rate = rate; }

  /// Tensors named `optimizer.*`: the step count and each parameter's averages.
  std::vector<NamedTensor> state() const;

  /// Throws Error naming `origin` when a tensor is missing or has another shape.
  void load_state(const TensorFile& file, const std::string& origin);

 private:
  struct Slot {
    NamedTensor parameter;
    at::Tensor first;   // Adam's m, momentum's v
    at::Tensor second;  // Adam's v
  };

  static void add_spans(const Slot& slot, const at::Tensor& gradient,
                        std::vector<UpdateSpan>& spans);
  double corrected_rate() const;
  void update(const UpdateSpan& span) const;
  void update(Slot& slot, const at::Tensor& gradient) const;  // by LibTorch's operators

  OptimizerConfig config_;
  std::int64_t steps_ = 0;
  std::vector<Slot> slots_;
};

}  // namespace mobireg
