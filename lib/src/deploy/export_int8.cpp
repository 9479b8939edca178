#include "deploy/export_int8.h"

#include <torch/types.h>

#include <algorithm>
#include <chrono>

#include "core/fail.h"
#include "inference/engine.h"

namespace mobireg {
namespace {

const char* name_of(RangeMethod method) {
  switch (method) {
    case RangeMethod::kMinMax:
      return "min-max";
    case RangeMethod::kPercentile:
      return "percentile";
    case RangeMethod::kMse:
      break;
  }
  return "square error";
}

/// Percent by which the mean error grew; where the outputs have no common unit, the mean of their
/// errors' growth.
double growth(const HeldOutErrors& before, const HeldOutErrors& after) {
  if (!before.unit.empty() || before.maes.empty()) return 100 * (after.mae / before.mae - 1);
  double sum = 0;
  for (std::size_t k = 0; k < before.maes.size(); ++k) {
    sum += 100 * (after.maes[k] / before.maes[k] - 1);
  }
  return sum / static_cast<double>(before.maes.size());
}

}  // namespace

QuantizedNetwork quantize_for(ExportFormat format, const Network& network,
                              const TrainedNetwork& trained, const Int8Export& options) {
  const InputConfig& input = trained.card.model.input;
  const at::Tensor& images = options.calibration;
  if (!images.defined() || images.dim() != 4 || images.size(1) != input.channels() ||
      images.size(2) != input.size || images.size(3) != input.size) {
    fail("int8 needs calibration images of {} channels and {}x{} pixels", input.channels(),
         input.size, input.size);
  }
  QuantizeOptions quantize_options;
  quantize_options.target = format == ExportFormat::kOnnx ? Int8Target::kOnnx : Int8Target::kNcnn;
  quantize_options.float_layers = options.float_layers;
  const bool inside = trained.card.normalization_inside;
  return quantize(network, inside ? images : trained.standardizer->apply(images), quantize_options);
}

PixelsToOutputs engine_on_tensors(const Network& network,
                                  std::shared_ptr<const Standardizer> standardizer) {
  const auto engine = std::make_shared<const InferenceEngine>(network);
  return [engine, standardizer](const at::Tensor& pixels) {
    const at::Tensor in =
        (standardizer ? standardizer->apply(pixels) : pixels).to(torch::kFloat).contiguous();
    at::Tensor out = torch::empty({in.size(0), engine->outputs()});
    engine->run(in.data_ptr<float>(), in.size(0), out.data_ptr<float>());
    return out;
  };
}

double image_seconds(const Network& network) {
  constexpr int kWarmUp = 5;
  constexpr int kRuns = 51;
  const InferenceEngine engine(network);
  const std::vector<float> pixels(static_cast<std::size_t>(network.input_channels) *
                                  static_cast<std::size_t>(network.input_size) *
                                  static_cast<std::size_t>(network.input_size));
  std::vector<float> outputs(static_cast<std::size_t>(engine.outputs()));
  std::vector<double> seconds;
  for (int i = -kWarmUp; i < kRuns; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    engine.run(pixels.data(), 1, outputs.data());
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
    if (i >= 0) seconds.push_back(passed.count());
  }
  std::nth_element(seconds.begin(), seconds.begin() + kRuns / 2, seconds.end());
  return seconds[kRuns / 2];
}

Int8Report judge_int8(const QuantizedNetwork& quantized, const Int8Export& options,
                      const PixelsToOutputs& float_network, const PixelsToOutputs& int8_network) {
  const torch::NoGradGuard no_grad;
  if (!options.judge) fail("int8 needs held-out rows that tell what it costs");
  Int8Report report;
  report.recipe = quantized.recipe;
  report.layers = quantized.layers;
  report.float_errors = options.judge(float_network);
  report.int8_errors = options.judge(int8_network);
  report.loss = growth(report.float_errors, report.int8_errors);
  // Written so that a NaN fails.
  if (!(report.loss <= options.max_loss) && !options.force) {
    fail(
        "in int8 the mean error on {} held-out rows is {:.4g} {}, that of the checkpoint {:.4g}: "
        "{:.2f} % more, where --max-loss allows {:g}; no file was kept (--force keeps it)",
        report.int8_errors.count, report.int8_errors.mae, report.int8_errors.unit,
        report.float_errors.mae, report.loss, options.max_loss);
  }
  return report;
}

std::string QuantizeRecipe::to_string() const {
  const std::string channels = equalization
                                   ? fmt::format("channels equalised ({:g})", *equalization)
                                   : std::string("channels as they are");
  return channels + ", ranges by " + (method ? name_of(*method) : "what suits each layer best");
}

std::string Int8Report::to_string(const ModelConfig& model) const {
  std::string text =
      fmt::format("{}\n{:<16}{:>10}{:>10}\n", recipe.to_string(), "mean error", "fp32", "int8");
  const auto line = [&](const std::string& name, double before, double after) {
    text += fmt::format("{:<16}{:>10.4f}{:>10.4f}\n", name, before, after);
  };
  for (std::size_t k = 0; k < float_errors.maes.size() && k < model.outputs.size(); ++k) {
    line(model.outputs[k].name, float_errors.maes[k], int8_errors.maes[k]);
  }
  line("overall", float_errors.mae, int8_errors.mae);
  text += fmt::format("{:+.2f} % on {} held-out rows ({})\n", loss, float_errors.count,
                      float_errors.rows);
  text += fmt::format("one image in mobireg's own engine: {:.2f} ms, in int8 {:.2f} ms\n",
                      1e3 * float_seconds, 1e3 * int8_seconds);
  return text;
}

}  // namespace mobireg
