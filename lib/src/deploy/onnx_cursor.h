#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/fail.h"
#include "deploy/onnx_model.h"

namespace mobireg {

enum OnnxType { kOnnxFloat = 1, kOnnxUint8 = 2, kOnnxInt8 = 3, kOnnxInt32 = 6 };

/// What an activation was rounded to multiples of.
struct OnnxRounding {
  std::string_view source;  // the value before
  float scale = 1;
  bool is_unsigned = false;
};

/// Goes through a graph's nodes in the order they stand in, and reads the tensors they name. Every
/// function throws Error where the file is not as mobireg writes it.
class OnnxCursor {
 public:
  OnnxCursor(const OnnxModel& model, const std::string& origin) : model_(model), origin_(origin) {}

  template <class... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
    fail("{}: {}; mobireg reads the ONNX files that it wrote", origin_,
         fmt::format(format, std::forward<Args>(args)...));
  }

  const OnnxModel& model() const { return model_; }

  bool at_end() const { return next_ >= model_.nodes.size(); }

  /// Whether the node `ahead` places after the next one is of that kind.
  bool at(std::string_view op, std::size_t ahead = 0) const {
    return next_ + ahead < model_.nodes.size() && model_.nodes[next_ + ahead].op == op;
  }

  /// The node `ahead` places after the next one.
  const OnnxNode& peek(std::size_t ahead) const;

  /// The next node, which must be of that kind and have one output.
  const OnnxNode& take(std::string_view op, std::size_t inputs);

  /// QuantizeLinear and DequantizeLinear of an activation, where the next nodes are these.
  void take_rounding();

  /// How that value was rounded; nothing where it is none of `take_rounding`'s.
  std::optional<OnnxRounding> rounding_of(std::string_view value) const;

  /// An attribute of `count` whole numbers of 0 to 4096; two of them must be equal.
  const std::vector<std::int64_t>& integers(const OnnxNode& node, const char* name,
                                            std::size_t count) const;
  const OnnxAttribute& attribute(const OnnxNode& node, const char* name) const;

  const std::vector<std::int64_t>& dims(std::string_view tensor, OnnxType type) const;

  /// The values of a tensor of that type.
  template <class T>
  std::vector<T> values(std::string_view tensor, OnnxType type) const {
    const std::string_view raw = bytes(tensor, type, sizeof(T));
    std::vector<T> values(raw.size() / sizeof(T));
    std::memcpy(values.data(), raw.data(), raw.size());
    return values;
  }

  /// A tensor that is one float.
  float scalar(std::string_view tensor) const;

 private:
  const OnnxTensor& tensor(std::string_view name, OnnxType type) const;
  std::string_view bytes(std::string_view name, OnnxType type, std::size_t element) const;

  const OnnxModel& model_;
  const std::string& origin_;
  std::size_t next_ = 0;
  std::map<std::string_view, OnnxRounding> roundings_;
};

}  // namespace mobireg
