#include "model/fused_backbone.h"

#include <torch/autograd.h>

#include <algorithm>

#include "model/backbone_pass.h"

namespace mobireg {
namespace {

using torch::Tensor;

/// Keeps a pass in the autograd graph.
template <class Value>
struct PassHolder : torch::CustomClassHolder {
  explicit PassHolder(BackbonePass<Value> forward) : pass(std::move(forward)) {}
  BackbonePass<Value> pass;
};

std::vector<Tensor> parameters_of(const std::vector<BackboneLayer>& layers) {
  std::vector<Tensor> parameters;
  for (const BackboneLayer& layer : layers) {
    parameters.insert(parameters.end(), {layer.convolution->weight, layer.normalization->weight,
                                         layer.normalization->bias});
  }
  return parameters;
}

template <class Value>
struct FusedBackbone : torch::autograd::Function<FusedBackbone<Value>> {
  static Tensor forward(torch::autograd::AutogradContext* context, at::TensorList parameters,
                        const Tensor& images, const std::vector<BackboneLayer>& layers,
                        const std::shared_ptr<BackboneTimes>& times) {
    auto holder = c10::make_intrusive<PassHolder<Value>>(
        BackbonePass<Value>(images, layers, times, /*keep=*/true));
    context->save_for_backward(parameters.vec());  // refuses parameters that changed since
    context->saved_data["pass"] = c10::IValue::make_capsule(holder);
    return holder->pass.forward();
  }

  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               torch::autograd::tensor_list outputs) {
    const std::size_t count = context->get_saved_variables().size();
    const auto holder = c10::static_intrusive_pointer_cast<PassHolder<Value>>(
        context->saved_data["pass"].toCapsule());
    std::vector<bool> needed;
    for (std::size_t i = 0; i < count; ++i) needed.push_back(context->needs_input_grad(i));
    auto gradients = holder->pass.backward(outputs[0], needed);
    gradients.resize(count + 3);  // none for images, layers and times
    return gradients;
  }
};

}  // namespace

bool takes_fused_backbone(const Tensor& images, const std::vector<BackboneLayer>& layers) {
  const bool floats = images.is_cpu() && images.scalar_type() == torch::kFloat &&
                      !images.requires_grad() && images.numel() > 0;
  const Tensor& weight = layers.front().convolution->weight;
  if (!floats || !weight.is_cpu() || weight.scalar_type() != torch::kFloat) return false;
  const int side = layers.back().shape.output_size;
  if (images.size(0) * side * side < 2) return false;  // a variance needs two values
  return std::all_of(layers.begin(), layers.end(), [](const BackboneLayer& layer) {
    return layer.shape.groups == 1 || layer.shape.groups == layer.shape.out_channels;
  });
}

Tensor fused_backbone(const Tensor& images, const std::vector<BackboneLayer>& layers,
                      const std::shared_ptr<BackboneTimes>& times, bool bfloat16) {
  const std::vector<Tensor> parameters = parameters_of(layers);
  const bool learns = torch::GradMode::is_enabled() &&
                      std::any_of(parameters.begin(), parameters.end(),
                                  [](const Tensor& tensor) { return tensor.requires_grad(); });
  if (!learns) return BackbonePass<float>(images, layers, times, /*keep=*/false).forward();
  const at::TensorList list(parameters);
  if (bfloat16) return FusedBackbone<Bfloat16>::apply(list, images, layers, times);
  return FusedBackbone<float>::apply(list, images, layers, times);
}

}  // namespace mobireg
