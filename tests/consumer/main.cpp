// Uses the network, and something that needs each of the library's private dependencies.

#include <ATen/ATen.h>

#include <cstdio>

#include "mobireg/config/run_config.h"
#include "mobireg/core/error.h"
#include "mobireg/core/version.h"
#include "mobireg/deploy/predictor.h"
#include "mobireg/image/image.h"
#include "mobireg/model/regressor.h"
#include "mobireg/model/summary.h"

namespace {

template <class Function>
bool refuses(Function&& function) {
  try {
    function();
  } catch (const mobireg::Error& error) {
    std::printf("%s\n", error.what());
    return true;
  }
  return false;
}

bool forward_works(const mobireg::ModelConfig& config) {
  const at::NoGradGuard no_grad;
  mobireg::Regressor network(config);
  network->eval();
  const at::Tensor outputs = network->forward(at::zeros({2, 3, 64, 64}));
  return outputs.sizes() == at::IntArrayRef{2, 3} && at::isfinite(outputs).all().item<bool>();
}

}  // namespace

int main() {
  const mobireg::ModelConfig config;
  const std::int64_t parameters = mobireg::summarize(config).parameters;
  std::printf("mobireg %s: %lld parameters\n", mobireg::version(),
              static_cast<long long>(parameters));
  const bool works =
      parameters == 3622851 && forward_works(config) &&
      !mobireg::to_json(config).empty() &&                                   // JSON, fmt
      refuses([&] { mobireg::read_image("missing.png", config.input); }) &&  // OpenCV
      refuses([] { mobireg::Predictor::load("missing.safetensors"); });      // OpenSSL
  std::printf("%s\n", works ? "works" : "does not work");
  return works ? 0 : 1;
}
