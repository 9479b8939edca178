#include "inference/engine.h"

#include <algorithm>
#include <mutex>

#include "inference/forward_pass.h"
#include "inference/network_checks.h"

namespace mobireg {
namespace {

/// Images that share one reading of the late layers' weights.
constexpr std::int64_t kImagesAtOnce = 8;

double multiply_adds(const ConvolutionLayer& layer, int size) {
  return static_cast<double>(size) * size * layer.out_channels *
         (layer.in_channels / layer.groups) * layer.kernel * layer.kernel;
}

template <typename Layer>
double weight_bytes(const Layer& layer) {
  return layer.int8 ? layer.int8->weight.size() : layer.weight.size() * sizeof(float);
}

/// What `profile` reports, the seconds left open.
std::vector<LayerTime> network_parts(const Network& network) {
  const auto& layers = network.convolutions;
  int size = output_size(layers[0], network.input_size);
  std::vector<LayerTime> parts{{layers[0].name, "first convolution", 0,
                                multiply_adds(layers[0], size), weight_bytes(layers[0])}};
  for (std::size_t i = 1; i < layers.size(); i += 2) {
    size = output_size(layers[i], size);
    const std::string side = std::to_string(size);
    parts.push_back({layers[i].name + ", " + layers[i + 1].name, "separable " + side + "x" + side,
                     0, multiply_adds(layers[i], size) + multiply_adds(layers[i + 1], size),
                     weight_bytes(layers[i]) + weight_bytes(layers[i + 1])});
  }
  parts.push_back({"pool", "pool", 0, 0, 0});
  LayerTime heads{"heads", "heads", 0, 0, 0};
  for (const NetworkHead& head : network.heads) {
    for (const DenseLayer& layer : head.layers) {
      heads.multiply_adds += static_cast<double>(layer.inputs) * layer.outputs;
      heads.weight_bytes += weight_bytes(layer);
    }
  }
  parts.push_back(heads);
  return parts;
}

}  // namespace

struct InferenceEngine::State {
  const InferenceKernels& kernels;
  PackedNetwork network;
  std::vector<LayerTime> parts;  // as a Stopwatch counts them
  std::mutex mutex;
  std::vector<std::unique_ptr<ForwardPass>> idle;  // guarded by mutex

  State(const Network& given, const InferenceKernels& with)
      : kernels(with), network(pack_network(given, with)), parts(network_parts(given)) {}

  std::unique_ptr<ForwardPass> take(std::int64_t images) {
    std::unique_ptr<ForwardPass> pass;
    {
      const std::lock_guard<std::mutex> lock(mutex);
      if (!idle.empty()) {
        pass = std::move(idle.back());
        idle.pop_back();
      }
    }
    if (pass == nullptr || pass->images() < images) {
      pass = std::make_unique<ForwardPass>(network, kernels, images);
    }
    return pass;
  }

  void give_back(std::unique_ptr<ForwardPass> pass) {
    const std::lock_guard<std::mutex> lock(mutex);
    idle.push_back(std::move(pass));
  }

  template <typename Pixel>
  void run(const Pixel* pixels, std::int64_t count, float* outputs, std::vector<double>* seconds) {
    if (count <= 0) return;
    const std::int64_t image_values =
        std::int64_t{network.input.channels} * network.input.size * network.input.size;
    std::unique_ptr<ForwardPass> pass = take(std::min(count, kImagesAtOnce));
    Stopwatch watch(seconds);
    for (std::int64_t first = 0; first < count; first += kImagesAtOnce) {
      pass->run(pixels + first * image_values, std::min(kImagesAtOnce, count - first),
                outputs + first * network.outputs, watch);
    }
    give_back(std::move(pass));
  }
};

InferenceEngine::InferenceEngine(const Network& network)
    : InferenceEngine(network, inference_kernels()) {}

InferenceEngine::InferenceEngine(const Network& network, const InferenceKernels& kernels)
    : state_(std::make_unique<State>(network, kernels)) {}

InferenceEngine::~InferenceEngine() = default;
InferenceEngine::InferenceEngine(InferenceEngine&&) noexcept = default;
InferenceEngine& InferenceEngine::operator=(InferenceEngine&&) noexcept = default;

int InferenceEngine::input_size() const { return state_->network.input.size; }
int InferenceEngine::input_channels() const { return state_->network.input.channels; }
int InferenceEngine::outputs() const { return state_->network.outputs; }
const char* InferenceEngine::instruction_set() const { return state_->kernels.name; }

void InferenceEngine::run(const float* pixels, std::int64_t count, float* outputs) const {
  state_->run(pixels, count, outputs, nullptr);
}

void InferenceEngine::run(const std::uint8_t* pixels, std::int64_t count, float* outputs) const {
  state_->run(pixels, count, outputs, nullptr);
}

std::vector<LayerTime> InferenceEngine::profile(const float* pixels, std::int64_t count,
                                                int repeats) const {
  std::vector<LayerTime> parts = state_->parts;
  std::vector<std::vector<double>> seconds(parts.size());
  std::vector<float> outputs(static_cast<std::size_t>(count * state_->network.outputs));
  for (int i = 0; i < repeats; ++i) {
    std::vector<double> once(parts.size());
    state_->run(pixels, count, outputs.data(), &once);
    for (std::size_t part = 0; part < parts.size(); ++part) seconds[part].push_back(once[part]);
  }
  for (std::size_t part = 0; part < parts.size(); ++part) {
    const auto middle = seconds[part].begin() + repeats / 2;
    std::nth_element(seconds[part].begin(), middle, seconds[part].end());
    parts[part].seconds = *middle / static_cast<double>(count);
  }
  return parts;
}

}  // namespace mobireg
