// What the library for boards has in the place of load_network.cpp.

#include <opencv2/core/version.hpp>
#include <vector>

#include "core/fail.h"
#include "deploy/loaded_network.h"

namespace mobireg {

LoadedNetwork load_network(const std::filesystem::path& path) {
  return load_onnx(path, RunBy::kItsRuntime);
}

NetworkFunction outside_normalization(const ModelCard& card, const std::string& origin) {
  if (card.mean.empty()) {
    fail(
        "{}: its normalisation is outside and no mean and scale; the library for boards computes "
        "no other",
        origin);
  }
  const std::vector<float> mean(card.mean.begin(), card.mean.end());
  const std::vector<float> scale(card.scale.begin(), card.scale.end());
  const std::int64_t plane = std::int64_t{card.model.input.size} * card.model.input.size;
  return [=](const float* in, std::int64_t count, float* out) {
    for (std::int64_t image = 0; image < count; ++image) {
      for (std::size_t c = 0; c < mean.size(); ++c, in += plane, out += plane) {
        for (std::int64_t i = 0; i < plane; ++i) out[i] = (in[i] - mean[c]) / scale[c];
      }
    }
  };
}

NetworkFunction onnx_by_engine(const std::string&, const std::string& origin) {
  fail("{}: an int8 file; the library for boards runs float ones (OpenCV {} runs no other)", origin,
       CV_VERSION);
}

}  // namespace mobireg
