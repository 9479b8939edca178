#include "deploy/quantize.h"

#include <torch/types.h>

#include <algorithm>
#include <limits>

#include "core/fail.h"
#include "deploy/quantize_equalize.h"
#include "deploy/quantize_pass.h"
#include "inference/engine.h"

namespace mobireg {
namespace {

/// Of every so many images, one judges the recipes.
constexpr std::int64_t kJudge = 4;
constexpr std::int64_t kImagesForRecipes = 256;

void check_layers(const Network& network, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const auto is_it = [&](const auto& layer) { return layer.name == name; };
    const auto& convolutions = network.convolutions;
    bool known = std::any_of(convolutions.begin(), convolutions.end(), is_it);
    for (const NetworkHead& head : network.heads) {
      known = known || std::any_of(head.layers.begin(), head.layers.end(), is_it);
    }
    if (!known) fail("the network has no layer '{}' that could be kept in float", name);
  }
}

at::Tensor run(const Network& network, const at::Tensor& images) {
  const InferenceEngine engine(network);
  at::Tensor y = torch::empty({images.size(0), engine.outputs()});
  engine.run(images.data_ptr<float>(), images.size(0), y.data_ptr<float>());
  return y;
}

/// Mean |difference| of the outputs, each over its standard deviation.
double output_error(const at::Tensor& y, const at::Tensor& expected) {
  const at::Tensor spread = expected.std(0, false).clamp_min(1e-6);
  return ((y - expected).abs().mean(0) / spread).mean().item<double>();
}

QuantizedNetwork quantize_by(const QuantizeRecipe& recipe, const Network& network,
                             const at::Tensor& images, QuantizeOptions options) {
  options.recipe = recipe;
  if (!recipe.equalization) return quantize_layers(network, images, options);
  return quantize_layers(equalized(network, images, *recipe.equalization), images, options);
}

/// Evenly spread over the images: those that judge the recipes, or those that they are fitted to.
at::Tensor some_of(const at::Tensor& images, bool judges) {
  const std::int64_t count = std::min(images.size(0), kImagesForRecipes);
  std::vector<std::int64_t> rows;
  for (std::int64_t i = 0; i < count; ++i) {
    if ((i % kJudge == 0) == judges) rows.push_back(i * images.size(0) / count);
  }
  return images.index_select(0, torch::tensor(rows));
}

/// First how far to equalise, then how to find the ranges.
QuantizeRecipe best_recipe(const Network& network, const at::Tensor& images,
                           const QuantizeOptions& options) {
  const bool enough = images.size(0) >= 2 * kJudge;
  const at::Tensor fitted = enough ? some_of(images, false) : images;
  const at::Tensor judges = enough ? some_of(images, true) : images;
  const at::Tensor expected = run(network, judges);
  QuantizeRecipe best;
  double least = std::numeric_limits<double>::infinity();
  const auto consider = [&](const QuantizeRecipe& recipe) {
    const Network made = quantize_by(recipe, network, fitted, options).network;
    const double error = output_error(run(made, judges), expected);
    if (!(error < least)) return;
    least = error;
    best = recipe;
  };
  consider({{}, RangeMethod::kMse});
  for (const double equalization : {0.0, 0.5, 1.0}) consider({equalization, RangeMethod::kMse});
  const std::optional<double> equalization = best.equalization;
  consider({equalization, RangeMethod::kMinMax});
  consider({equalization, RangeMethod::kPercentile});
  consider({equalization, {}});
  return best;
}

}  // namespace

QuantizedNetwork quantize(const Network& network, const at::Tensor& images,
                          const QuantizeOptions& options) {
  const torch::NoGradGuard no_grad;
  if (images.size(0) == 0) fail("int8 needs images to calibrate on, and there is none");
  check_layers(network, options.float_layers);
  const at::Tensor pixels = images.to(torch::kFloat).contiguous();
  return quantize_by(options.recipe ? *options.recipe : best_recipe(network, pixels, options),
                     network, pixels, options);
}

}  // namespace mobireg
