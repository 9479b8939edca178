#pragma once

#include <string>

#include "deploy/network.h"

namespace mobireg {

/// The network of an ONNX file that mobireg wrote (float or int8). Needs no protobuf library.
/// Throws Error, one line that begins with `origin`, for damaged and other files.
Network from_onnx(const std::string& bytes, const std::string& origin);

/// The JSON of its model card. Throws Error where there is none.
std::string card_of_onnx(const std::string& bytes, const std::string& origin);

}  // namespace mobireg
