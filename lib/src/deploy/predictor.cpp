#include "mobireg/deploy/predictor.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <opencv2/core.hpp>

#include "core/fail.h"
#include "deploy/image_pixels.h"
#include "deploy/loaded_network.h"
#include "mobireg/config/units.h"
#include "mobireg/core/text.h"
#include "mobireg/model/head_outputs.h"

namespace mobireg {

struct Predictor::State {
  LoadedNetwork network;
  std::shared_ptr<const std::vector<OutputConfig>> outputs;
  std::vector<HeadColumns> heads;
  bool decodes = false;  // the network gives something else than the outputs
};

namespace {

constexpr std::size_t kBatch = 64;  // images run at once

std::size_t position_of(const std::vector<OutputConfig>& outputs, std::string_view name) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].name == name) return i;
    names.push_back(outputs[i].name);
  }
  const std::string nearest = nearest_name(name, names);
  fail("the network has no output {}{}", in_quotes(name),
       nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest));
}

FaceBox box_of(const CropSquare& square) {
  return {square.left, square.top, square.left + square.side, square.top + square.side};
}

}  // namespace

float Prediction::value(std::string_view output) const {
  return values[position_of(*outputs, output)];
}

double Prediction::degrees(std::string_view output) const {
  const std::size_t i = position_of(*outputs, output);
  const Unit unit = (*outputs)[i].unit;
  if (!is_angle(unit)) fail("the output {} is no angle", in_quotes(output));
  return unit_factor(unit, Unit::kDegrees) * static_cast<double>(values[i]);
}

float Prediction::sigma(std::string_view output) const {
  const std::size_t i = position_of(*outputs, output);
  if (sigmas.empty() || std::isnan(sigmas[i])) {
    fail("the network gives no uncertainty of {}", in_quotes(output));
  }
  return sigmas[i];
}

Predictor::Predictor(std::shared_ptr<const State> state) : state_(std::move(state)) {}

Predictor Predictor::load(const std::filesystem::path& path) {
  LoadedNetwork network = load_network(path);
  check_numbers(network, path.string());
  const ModelConfig& model = network.card.model;
  auto outputs = std::make_shared<const std::vector<OutputConfig>>(model.outputs);
  std::vector<HeadColumns> heads = head_columns(model);
  const bool decodes = !gives_outputs(model);
  return Predictor(std::make_shared<const State>(
      State{std::move(network), std::move(outputs), std::move(heads), decodes}));
}

const ModelCard& Predictor::card() const { return state_->network.card; }

bool Predictor::gives_sigmas() const { return has_uncertainty(card().model); }

void Predictor::predict(const float* pixels, std::int64_t count, float* outputs) const {
  predict(pixels, count, outputs, nullptr);
}

void Predictor::predict(const float* pixels, std::int64_t count, float* outputs,
                        float* sigmas) const {
  if (count <= 0) return;
  const std::size_t columns = state_->outputs->size();
  const std::size_t values = static_cast<std::size_t>(count) * columns;
  if (!state_->decodes) {
    state_->network.run(pixels, count, outputs);
    if (sigmas != nullptr) std::fill_n(sigmas, values, std::numeric_limits<float>::quiet_NaN());
    return;
  }
  const auto raw_columns = static_cast<std::size_t>(raw_column_count(card().model));
  std::vector<float> raw(static_cast<std::size_t>(count) * raw_columns);
  state_->network.run(pixels, count, raw.data());
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    decode_row(state_->heads, raw.data() + i * raw_columns, outputs + i * columns,
               sigmas == nullptr ? nullptr : sigmas + i * columns);
  }
}

namespace {

/// Fills in the values of `predictions`; fill(i, planes) writes the input of the i-th.
template <class Fill>
void predict_values(const Predictor& predictor, std::vector<Prediction>& predictions,
                    const Fill& fill) {
  const ModelConfig& model = predictor.card().model;
  const std::size_t in = input_values(model.input);
  const std::size_t out = model.outputs.size();
  std::vector<float> pixels(std::min(kBatch, predictions.size()) * in);
  std::vector<float> outputs(std::min(kBatch, predictions.size()) * out);
  std::vector<float> sigmas(predictor.gives_sigmas() ? outputs.size() : 0);
  for (std::size_t begin = 0; begin < predictions.size(); begin += kBatch) {
    const std::size_t count = std::min(kBatch, predictions.size() - begin);
    for (std::size_t i = 0; i < count; ++i) fill(begin + i, pixels.data() + i * in);
    predictor.predict(pixels.data(), static_cast<std::int64_t>(count), outputs.data(),
                      sigmas.empty() ? nullptr : sigmas.data());
    for (std::size_t i = 0; i < count; ++i) {
      const float* row = outputs.data() + i * out;
      predictions[begin + i].values.assign(row, row + out);
      if (sigmas.empty()) continue;
      const float* deviations = sigmas.data() + i * out;
      predictions[begin + i].sigmas.assign(deviations, deviations + out);
    }
  }
}

}  // namespace

std::vector<Prediction> Predictor::predict_images(const std::vector<cv::Mat>& images) const {
  std::vector<Prediction> predictions;
  for (const cv::Mat& image : images) {
    predictions.push_back(
        {{},
         state_->outputs,
         {0, 0, static_cast<double>(image.cols), static_cast<double>(image.rows)}});
  }
  predict_values(*this, predictions, [&](std::size_t i, float* planes) {
    image_pixels(images[i], nullptr, card().model.input, planes);
  });
  return predictions;
}

std::vector<Prediction> Predictor::predict_faces(const cv::Mat& image,
                                                 const std::vector<FaceBox>& faces) const {
  const double margin = card().crop_margin().value_or(0);
  std::vector<CropSquare> crops;
  std::vector<Prediction> predictions;
  for (const FaceBox& face : faces) {
    crops.push_back(crop_of(face, margin));
    predictions.push_back({{}, state_->outputs, box_of(crops.back())});
  }
  predict_values(*this, predictions, [&](std::size_t i, float* planes) {
    image_pixels(image, &crops[i], card().model.input, planes);
  });
  return predictions;
}

Prediction Predictor::predict(const cv::Mat& image) const { return predict_images({image})[0]; }

Prediction Predictor::predict(const cv::Mat& image, const FaceBox& face) const {
  return predict_faces(image, {face})[0];
}

}  // namespace mobireg
