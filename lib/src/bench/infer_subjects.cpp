#include "bench/infer_subjects.h"

#include <ATen/Parallel.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/script.h>
#include <torch/version.h>

#include <algorithm>
#include <optional>

#include "core/fail.h"
#include "deploy/fold.h"
#include "deploy/torchscript_writer.h"
#include "deploy/trained_network.h"
#include "mobireg/config/run_config.h"
#include "mobireg/core/error.h"
#include "mobireg/deploy/predictor.h"
#include "mobireg/model/head_outputs.h"

namespace mobireg {
namespace {

TrainedNetwork random_network(const InferBenchOptions& options) {
  ModelConfig config;
  config.alpha = options.alpha;
  config.input.size = options.size;
  TrainedNetwork made;
  made.network = Regressor(resolve_config(config));
  made.network->eval();
  made.card.model = made.network->config();
  made.standardizer = std::make_shared<const Standardizer>(made.card.model.input);
  return made;
}

/// None: an exported file.
std::optional<TrainedNetwork> trained_network(const InferBenchOptions& options) {
  if (options.file.empty()) return random_network(options);
  try {
    return load_trained_network(options.file);
  } catch (const Error&) {  // Predictor::load has something to say of a file that is nothing
    return std::nullopt;
  }
}

PredictPixels on_tensors(const InputConfig& input,
                         std::function<at::Tensor(const at::Tensor&)> predict) {
  return [=](const float* pixels, std::int64_t count, float* outputs) {
    const c10::InferenceMode inference;
    const at::Tensor images = at::from_blob(const_cast<float*>(pixels),  // only read
                                            {count, input.channels(), input.size, input.size});
    const at::Tensor y = predict(images).contiguous();
    std::copy_n(y.data_ptr<float>(), y.numel(), outputs);
  };
}

InferSubject of_mobireg(const InferBenchOptions& options,
                        const std::optional<TrainedNetwork>& trained) {
  if (!options.file.empty()) {
    return {"mobireg", [file = options.file]() -> PredictPixels {
              return [predictor = Predictor::load(file)](const float* pixels, std::int64_t count,
                                                         float* outputs) {
                predictor.predict(pixels, count, outputs);
              };
            }};
  }
  return {"mobireg", [network = trained->network]() -> PredictPixels {
            const auto engine = std::make_shared<const InferenceEngine>(fold(network, true));
            return [engine](const float* pixels, std::int64_t count, float* outputs) {
              engine->run(pixels, count, outputs);
            };
          }};
}

/// The modules as anybody would run them.
InferSubject of_modules(const TrainedNetwork& trained) {
  return {"LibTorch, modules",
          [network = trained.network, standardizer = trained.standardizer,
           input = trained.card.model.input]() mutable {
            network->use_fused_kernels(false);
            return on_tensors(input, [network, standardizer](const at::Tensor& pixels) mutable {
              return network->predict(standardizer->apply(pixels));
            });
          },
          false};
}

/// LibTorch 1.13's fused operators warn of their own buffers' sizes at every call.
#if TORCH_VERSION_MAJOR >= 2
namespace torch_warnings = c10::WarningUtils;
struct Silence final : c10::WarningHandler {
  void process(const c10::Warning&) override {}
};
#else
namespace torch_warnings = c10::Warning;
struct Silence final : c10::WarningHandler {
  void process(const c10::SourceLocation&, const std::string&, const bool) override {}
};
#endif

InferSubject of_torchscript(const TrainedNetwork& trained) {
  return {"LibTorch, optimised TorchScript",
          [network = trained.network, model = trained.card.model] {
            torch::jit::Module module = to_torchscript(fold(network, true));
            module = torch::jit::optimize_for_inference(module);
            return on_tensors(model.input, [module, model](const at::Tensor& pixels) mutable {
              Silence silence;
              const torch_warnings::WarningHandlerGuard guard(&silence);
              return decode_outputs(module.forward({pixels}).toTensor(), model);
            });
          },
          false};
}

ModelConfig model_of(const InferBenchOptions& options,
                     const std::optional<TrainedNetwork>& trained) {
  return trained ? trained->card.model : Predictor::load(options.file).card().model;
}

}  // namespace

InferSubjects infer_subjects(const InferBenchOptions& options) {
  at::set_num_threads(options.threads);
  const std::optional<TrainedNetwork> trained = trained_network(options);
  const ModelConfig model = model_of(options, trained);
  InferSubjects found;
  found.model = fmt::format("alpha {}, {}x{}x{}", model.alpha, model.input.size, model.input.size,
                            model.input.channels());
  found.channels = model.input.channels();
  found.size = model.input.size;
  found.outputs = static_cast<int>(model.outputs.size());
  found.subjects.push_back(of_mobireg(options, trained));
  if (!trained || !trained->standardizer->is_affine()) return found;
  found.engine = std::make_shared<const InferenceEngine>(fold(trained->network, true));
  if (options.libtorch) {
    found.subjects.push_back(of_modules(*trained));
    found.subjects.push_back(of_torchscript(*trained));
  }
  return found;
}

}  // namespace mobireg
