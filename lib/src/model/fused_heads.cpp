#include "model/fused_heads.h"

#include <torch/autograd.h>

namespace mobireg {
namespace {

using torch::Tensor;

constexpr std::size_t kWeights = 4;  // a head

Tensor joined(at::TensorList weights, std::size_t part) {
  std::vector<Tensor> parts;
  for (std::size_t i = part; i < weights.size(); i += kWeights) parts.push_back(weights[i]);
  return torch::cat(parts);
}

/// Calls body(index of the head's first weight, first hidden value, hidden values, first output,
/// outputs) for each head.
template <class Body>
void for_heads(at::TensorList weights, const Body& body) {
  std::int64_t hidden = 0;
  std::int64_t output = 0;
  for (std::size_t i = 0; i < weights.size(); i += kWeights) {
    const std::int64_t outputs = weights[i + 2].size(0);
    const std::int64_t width = weights[i + 2].size(1);
    body(i, hidden, width, output, outputs);
    hidden += width;
    output += outputs;
  }
}

struct FusedHeads : torch::autograd::Function<FusedHeads> {
  static Tensor forward(torch::autograd::AutogradContext* context, at::TensorList weights,
                        const Tensor& features, const Tensor& mask) {
    const Tensor weight = joined(weights, 0);
    const Tensor hidden = torch::addmm(joined(weights, 1), features, weight.t()).relu_().mul_(mask);
    std::vector<Tensor> outputs;
    for_heads(weights, [&](std::size_t i, std::int64_t first, std::int64_t width, std::int64_t,
                           std::int64_t) {
      outputs.push_back(
          torch::addmm(weights[i + 3], hidden.narrow(1, first, width), weights[i + 2].t()));
    });
    auto saved = weights.vec();
    saved.insert(saved.end(), {features, weight, hidden, mask});
    context->save_for_backward(saved);
    return torch::cat(outputs, 1);
  }

  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               torch::autograd::tensor_list outputs) {
    const auto saved = context->get_saved_variables();
    const std::size_t count = saved.size() - 4;
    const at::TensorList weights(saved.data(), count);
    const Tensor& features = saved[count];
    const Tensor& weight = saved[count + 1];
    const Tensor& hidden = saved[count + 2];
    const Tensor& mask = saved[count + 3];
    torch::autograd::tensor_list gradients(count + 2);
    Tensor dz = torch::empty_like(hidden);
    for_heads(weights, [&](std::size_t i, std::int64_t first, std::int64_t width,
                           std::int64_t output, std::int64_t outputs_of_head) {
      const Tensor dy = outputs[0].narrow(1, output, outputs_of_head);
      dz.narrow(1, first, width).copy_(dy.mm(weights[i + 2]));
      gradients[i + 2] = dy.t().mm(hidden.narrow(1, first, width));
      gradients[i + 3] = dy.sum(0);
    });
    dz.mul_(mask).masked_fill_(hidden == 0, 0);
    const Tensor dw = dz.t().mm(features);
    const Tensor db = dz.sum(0);
    for_heads(weights, [&](std::size_t i, std::int64_t first, std::int64_t width, std::int64_t,
                           std::int64_t) {
      gradients[i] = dw.narrow(0, first, width);
      gradients[i + 1] = db.narrow(0, first, width);
    });
    if (context->needs_input_grad(count)) gradients[count] = dz.mm(weight);
    return gradients;
  }
};

}  // namespace

Tensor fused_heads(const Tensor& features, const std::vector<HeadWeights>& heads,
                   const Tensor& mask) {
  std::vector<Tensor> weights;
  for (const HeadWeights& head : heads) {
    weights.insert(weights.end(),
                   {head.hidden_weight, head.hidden_bias, head.output_weight, head.output_bias});
  }
  // An undefined tensor cannot be handed to apply.
  const Tensor factors = mask.defined() ? mask : torch::ones({1});
  return FusedHeads::apply(at::TensorList(weights), features, factors);
}

}  // namespace mobireg
