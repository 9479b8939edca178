#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace mobireg {

/// What begins the weights in a .bin file.
enum class NcnnTag : std::uint32_t { kFloat = 0, kHalf = 0x01306B47, kInt8 = 0x000D4B38 };

/// The numbers of a layer's parameters in a .param file.
namespace ncnn_id {
inline constexpr int kActivationParams = -23310;  // an array, as its number says
// Input
inline constexpr int kWidth = 0;
inline constexpr int kHeight = 1;
inline constexpr int kChannels = 2;
// Convolution, ConvolutionDepthWise
inline constexpr int kOutputs = 0;  // of InnerProduct too
inline constexpr int kKernel = 1;
inline constexpr int kStride = 3;
inline constexpr int kPadLeft = 4;
inline constexpr int kBias = 5;
inline constexpr int kWeights = 6;
inline constexpr int kGroups = 7;
inline constexpr int kInt8 = 8;        // of InnerProduct too
inline constexpr int kActivation = 9;  // of InnerProduct too
inline constexpr int kPadTop = 14;
inline constexpr int kPadRight = 15;
inline constexpr int kPadBottom = 16;
// InnerProduct
inline constexpr int kDenseBias = 1;
inline constexpr int kDenseWeights = 2;
// Pooling
inline constexpr int kPoolingType = 0;
inline constexpr int kGlobalPooling = 4;
}  // namespace ncnn_id

inline constexpr int kNcnnAverage = 1;
inline constexpr int kNcnnRelu = 1;
inline constexpr int kNcnnClip = 3;
inline constexpr const char* kNcnnZeroToSix = "2,0.000000e+00,6.000000e+00";

/// ncnn's int8_scale_term: a depthwise convolution with one scale a group, any other layer; more by
/// kNcnnRequantize where the output is int8 as well.
inline constexpr int kNcnnInt8Depthwise = 1;
inline constexpr int kNcnnInt8 = 2;
inline constexpr int kNcnnRequantize = 100;

/// One line of a .param file.
struct NcnnLayer {
  std::string type;
  std::string name;
  std::vector<std::string> bottoms;  // names of the blobs it reads
  std::vector<std::string> tops;     // and of those it makes
  std::vector<std::pair<int, std::string>> parameters;

  void set(int id, int value) { parameters.emplace_back(id, std::to_string(value)); }

  // For reading. All throw Error, with the layer's name.

  /// Removes a parameter and returns its value, 0 (ncnn's default) when it is not there.
  int take(int id);
  int take_positive(int id);
  std::string take_text(int id);

  /// Removes a parameter, which must be `value`.
  void expect(int id, int value);

  /// There must be no parameters left.
  void finish() const;

  [[noreturn]] void refuse(const std::string& why) const;
};

std::string print_ncnn_param(const std::vector<NcnnLayer>& layers);

/// Throws Error, without naming a file.
std::vector<NcnnLayer> parse_ncnn_param(const std::string& text);

}  // namespace mobireg
