#include "report/flat_config.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace mobireg {
namespace {

using nlohmann::json;

const std::string kUnset = "null";

bool is_plain(const json& value) {
  return std::none_of(value.begin(), value.end(),
                      [](const json& item) { return item.is_structured(); });
}

void flatten(const json& value, const std::string& name, std::map<std::string, std::string>& flat) {
  if (!value.is_structured() || (value.is_array() && is_plain(value))) {
    flat[name] = value.dump(-1, ' ', false, json::error_handler_t::replace);
    return;
  }
  const std::string prefix = name.empty() ? "" : name + ".";
  if (value.is_object()) {
    for (const auto& item : value.items()) flatten(item.value(), prefix + item.key(), flat);
    return;
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    flatten(value[i], prefix + std::to_string(i), flat);
  }
}

/// The default config on the same data and outputs.
RunConfig plain_config(const RunConfig& config) {
  RunConfig plain;
  plain.run_dir = config.run_dir;
  plain.data.csv = config.data.csv;
  plain.data.directory = config.data.directory;
  plain.data.x_col = config.data.x_col;
  plain.data.y_col = config.data.y_col;
  plain.data.sets = config.data.sets;
  plain.model.outputs = config.model.outputs;
  plain.model.mirror_map = config.model.mirror_map;
  return resolve_config(plain);
}

}  // namespace

std::map<std::string, std::string> flat_config(const RunConfig& config) {
  std::map<std::string, std::string> flat;
  flatten(json::parse(to_json(config)), "", flat);
  return flat;
}

std::map<std::string, std::string> chosen_fields(const RunConfig& config) {
  const auto plain = flat_config(plain_config(config));
  std::map<std::string, std::string> chosen;
  for (const auto& [name, value] : flat_config(config)) {
    const auto found = plain.find(name);
    const std::string& expected = found == plain.end() ? kUnset : found->second;
    if (value != expected) chosen[name] = value;
  }
  return chosen;
}

}  // namespace mobireg
