#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "core/fail.h"
#include "deploy/loaded_network.h"
#include "deploy/ncnn.h"
#include "deploy/onnx_reader.h"
#include "deploy/standardize_images.h"
#include "inference/engine.h"

namespace mobireg {
namespace {

/// Shorter files are padded with zeros.
std::array<char, 9> first_bytes(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::array<char, 9> bytes{};
  if (!stream.read(bytes.data(), 4)) fail("{}: cannot be read", path.string());
  stream.read(bytes.data() + 4, 5);
  return bytes;
}

/// An ONNX file begins with its version's field; safetensors begins with the size of its JSON.
bool is_onnx(const std::array<char, 9>& bytes) { return bytes[0] == 8 && bytes[8] != '{'; }

/// TorchScript files are zip archives.
bool is_zip(const std::array<char, 9>& bytes) {
  constexpr std::array<char, 4> kMagic{'P', 'K', 3, 4};
  return std::equal(kMagic.begin(), kMagic.end(), bytes.begin());
}

bool is_ncnn(const std::array<char, 9>& bytes) {
  return std::equal(kNcnnMagic.begin(), kNcnnMagic.end(), bytes.begin());
}

}  // namespace

LoadedNetwork load_network(const std::filesystem::path& path) {
  const auto bytes = first_bytes(path);
  if (is_zip(bytes)) return load_torchscript(path, RunBy::kEngine);
  if (is_ncnn(bytes)) return load_ncnn(path);
  return is_onnx(bytes) ? load_onnx(path, RunBy::kEngine) : load_checkpoint(path);
}

NetworkFunction standardize_images(std::shared_ptr<const Standardizer> standardizer,
                                   const InputConfig& input) {
  const std::vector<std::int64_t> shape{0, input.channels(), input.size, input.size};
  return [=](const float* in, std::int64_t count, float* out) {
    std::vector<std::int64_t> sizes = shape;
    sizes[0] = count;
    const at::Tensor pixels = at::from_blob(const_cast<float*>(in), sizes);  // only read
    at::from_blob(out, sizes).copy_(standardizer->apply(pixels));
  };
}

NetworkFunction outside_normalization(const ModelCard& card, const std::string& origin) {
  const InputConfig& input = card.model.input;
  try {
    return standardize_images(std::make_shared<const Standardizer>(input), input);
  } catch (const Error& error) {  // a whitening matrix is in checkpoints alone
    fail("{}: {}", origin, error.what());
  }
}

NetworkFunction engine_function(const Network& network) {
  const auto engine = std::make_shared<const InferenceEngine>(network);
  return [engine](const float* pixels, std::int64_t count, float* outputs) {
    engine->run(pixels, count, outputs);
  };
}

NetworkFunction onnx_by_engine(const std::string& onnx, const std::string& origin) {
  return engine_function(from_onnx(onnx, origin));
}

}  // namespace mobireg
