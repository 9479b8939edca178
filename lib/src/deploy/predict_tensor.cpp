#include "mobireg/deploy/predict_tensor.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include "core/fail.h"

namespace mobireg {

at::Tensor predict_tensor(const Predictor& predictor, const at::Tensor& pixels) {
  at::Tensor sigmas;
  return predict_tensor(predictor, pixels, sigmas);
}

at::Tensor predict_tensor(const Predictor& predictor, const at::Tensor& pixels,
                          at::Tensor& sigmas) {
  const ModelConfig& model = predictor.card().model;
  const InputConfig& input = model.input;
  if (pixels.dim() != 4 || pixels.size(1) != input.channels() || pixels.size(2) != input.size ||
      pixels.size(3) != input.size) {
    fail("images of shape {}; [N, {}, {}, {}] is needed", c10::str(pixels.sizes()),
         input.channels(), input.size, input.size);
  }
  const at::Tensor planes = pixels.to(at::kCPU, at::kFloat).contiguous();
  at::Tensor outputs = at::empty({planes.size(0), static_cast<std::int64_t>(model.outputs.size())},
                                 at::TensorOptions(at::kFloat));
  sigmas = predictor.gives_sigmas() ? at::empty_like(outputs) : at::Tensor();
  predictor.predict(planes.data_ptr<float>(), planes.size(0), outputs.data_ptr<float>(),
                    sigmas.defined() ? sigmas.data_ptr<float>() : nullptr);
  return outputs;
}

}  // namespace mobireg
