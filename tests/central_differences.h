#pragma once

#include <torch/types.h>

namespace mobireg {

/// Checks autograd's gradient of `value`, a scalar of a tensor, at `at` (double) against central
/// differences. `margin`: what may be off where the gradient is near 0.
template <class Value>
void check_gradient(const Value& value, const torch::Tensor& at, double margin) {
  constexpr double kStep = 1e-6;
  torch::Tensor variable = at.clone().requires_grad_(true);
  value(variable).backward();
  for (std::int64_t i = 0; i < at.numel(); ++i) {
    torch::Tensor step = torch::zeros({at.numel()}, torch::kDouble);
    step[i] = kStep;
    step = step.view_as(at);
    const torch::Tensor change = value(at + step) - value(at - step);
    CHECK(variable.grad().flatten()[i].template item<double>() ==
          Approx(change.template item<double>() / (2 * kStep)).epsilon(1e-5).margin(margin));
  }
}

}  // namespace mobireg
