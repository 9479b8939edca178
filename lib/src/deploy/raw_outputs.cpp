#include "deploy/raw_outputs.h"

#include "mobireg/model/head_outputs.h"

namespace mobireg {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kDecodeRotation =
    "The six columns are the vectors a and b, three numbers each. x = a / |a|, y = b - (x . b) x, "
    "y = y / |y| and z = x cross y are the columns of the rotation matrix. In radians pitch = "
    "atan2(z[1], z[2]), yaw = atan2(-z[0], hypot(x[0], y[0])) and roll = atan2(y[0], x[0]). Where "
    "|pitch| + |yaw| + |roll| > 3 pi / 2 the same rotation is pitch -+ pi, +-pi - yaw and roll -+ "
    "pi, each within +-pi.";

constexpr const char* kDecodeLogVariance =
    "The standard deviation of the output's error, in its unit, is exp(c / 2), with the column c "
    "cut off at -16 and 16.";

Json part(const char* form, int column, int columns, const std::vector<std::string>& outputs) {
  std::vector<int> numbers;
  for (int i = 0; i < columns; ++i) numbers.push_back(column + i);
  return {{"form", form}, {"columns", numbers}, {"outputs", outputs}};
}

}  // namespace

Json raw_outputs_json(const ModelConfig& model) {
  Json parts = Json::array();
  Json decode = Json::object();
  const std::vector<HeadColumns> heads = head_columns(model);
  for (std::size_t i = 0; i < heads.size(); ++i) {
    const HeadColumns& head = heads[i];
    const std::vector<std::string>& outputs = model.heads[i].outputs;
    const bool rotation = head.form == HeadForm::kRotation;
    parts.push_back(part(rotation ? "rotation" : "values", head.column, head.columns, outputs));
    if (rotation) decode["rotation"] = kDecodeRotation;
    if (!head.uncertainty) continue;
    parts.push_back(part("log_variance", head.log_variance(), head.outputs, outputs));
    decode["log_variance"] = kDecodeLogVariance;
  }
  return {{"names", raw_column_names(model)}, {"parts", parts}, {"decode", decode}};
}

}  // namespace mobireg
