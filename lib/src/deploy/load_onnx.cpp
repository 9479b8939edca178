#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <mutex>
#include <opencv2/dnn.hpp>
#include <string>
#include <vector>

#include "core/fail.h"
#include "deploy/loaded_network.h"
#include "deploy/onnx_cursor.h"
#include "deploy/onnx_model.h"
#include "deploy/onnx_reader.h"
#include "deploy/quiet_opencv.h"
#include "mobireg/core/file.h"
#include "mobireg/model/head_outputs.h"

namespace mobireg {
namespace {

/// A cv::dnn::Net serves one thread at a time, so there are as many of them as threads have met.
class OnnxNetwork {
 public:
  OnnxNetwork(const std::string& bytes, std::string origin, const ModelConfig& model)
      : bytes_(bytes),
        origin_(std::move(origin)),
        shape_{1, model.input.channels(), model.input.size, model.input.size},
        outputs_(static_cast<std::size_t>(raw_column_count(model))) {}

  void run(const float* pixels, std::int64_t count, float* outputs) {
    const std::int64_t values = std::int64_t{shape_[1]} * shape_[2] * shape_[3];
    try {
      std::unique_ptr<cv::dnn::Net> net = take();
      for (std::int64_t i = 0; i < count; ++i) {
        run_one(*net, pixels + i * values, outputs + i * static_cast<std::int64_t>(outputs_));
      }
      const std::lock_guard<std::mutex> lock(mutex_);
      idle_.push_back(std::move(net));
    } catch (const cv::Exception& error) {
      fail("{}: OpenCV {} cannot run it: {}", origin_, CV_VERSION, error.err);
    }
  }

 private:
  std::unique_ptr<cv::dnn::Net> take() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!idle_.empty()) {
        std::unique_ptr<cv::dnn::Net> net = std::move(idle_.back());
        idle_.pop_back();
        return net;
      }
    }
    auto net =
        std::make_unique<cv::dnn::Net>(cv::dnn::readNetFromONNX(bytes_.data(), bytes_.size()));
    net->setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
    net->setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
    return net;
  }

  void run_one(cv::dnn::Net& net, const float* pixels, float* outputs) const {
    net.setInput(cv::Mat(shape_, CV_32F, const_cast<float*>(pixels)));  // only read
    const cv::Mat result = net.forward();
    if (result.total() != outputs_ || result.type() != CV_32F || !result.isContinuous()) {
      fail("{}: it gives {} values an image; its model card names {} outputs", origin_,
           result.total(), outputs_);
    }
    std::copy_n(result.ptr<float>(), outputs_, outputs);
  }

  std::string bytes_;
  std::string origin_;
  std::vector<int> shape_;
  std::size_t outputs_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<cv::dnn::Net>> idle_;
};

/// Runs it once: what OpenCV lacks shows when the file is loaded, not at the first face.
void try_once(OnnxNetwork& network, const ModelConfig& model) {
  const QuietOpenCv quiet;
  const auto size = static_cast<std::size_t>(model.input.size);
  const std::vector<float> pixels(size * size * static_cast<std::size_t>(model.input.channels()));
  std::vector<float> outputs(static_cast<std::size_t>(raw_column_count(model)));
  network.run(pixels.data(), 1, outputs.data());
}

/// In OpenCV a weight that is no number may vanish in the limits of ReLU6.
void check_weights(const std::string& bytes, const std::string& origin) {
  for (const auto& [name, tensor] : parse_onnx(bytes, origin).tensors) {
    if (tensor.type != kOnnxFloat) continue;
    for (std::size_t i = 0; i + sizeof(float) <= tensor.raw.size(); i += sizeof(float)) {
      float value = 0;
      std::memcpy(&value, tensor.raw.data() + i, sizeof(value));
      if (!std::isfinite(value)) fail("{}: '{}' has a value that is no number", origin, name);
    }
  }
}

NetworkFunction by_opencv(const std::string& bytes, const std::string& origin,
                          const ModelConfig& model) {
  check_weights(bytes, origin);
  const auto network = std::make_shared<OnnxNetwork>(bytes, origin, model);
  try_once(*network, model);
  return [network](const float* pixels, std::int64_t count, float* outputs) {
    network->run(pixels, count, outputs);
  };
}

NetworkFunction by_engine_or_opencv(const std::string& bytes, const std::string& origin,
                                    const ModelConfig& model) {
  try {
    return onnx_by_engine(bytes, origin);
  } catch (const Error&) {  // a file that ends in angles, or a damaged one
    return by_opencv(bytes, origin, model);
  }
}

}  // namespace

LoadedNetwork load_onnx(const std::filesystem::path& path, RunBy by) {
  const std::string origin = path.string();
  const std::string bytes = read_file(path);
  const ModelCard card = ModelCard::from_json(card_of_onnx(bytes, origin), origin);
  NetworkFunction run;
  if (card.precision == Precision::kInt8) {
    run = onnx_by_engine(bytes, origin);
  } else if (by == RunBy::kEngine) {
    run = by_engine_or_opencv(bytes, origin, card.model);
  } else {
    run = by_opencv(bytes, origin, card.model);
  }
  if (card.normalization_inside) return {card, run};
  return {card, after(outside_normalization(card, origin), card.model.input, run)};
}

}  // namespace mobireg
