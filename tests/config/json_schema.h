#pragma once

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string>

namespace mobireg {

inline bool is_of_type(const nlohmann::json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  if (type == "number") return value.is_number();
  if (type == "integer") {
    return value.is_number() && value.get<double>() == std::floor(value.get<double>());
  }
  throw std::invalid_argument("type " + type);
}

inline bool is_within(const nlohmann::json& value, const nlohmann::json& schema) {
  const auto number = value.get<double>();
  return number >= schema.value("minimum", number) && number <= schema.value("maximum", number) &&
         number > schema.value("exclusiveMinimum", -HUGE_VAL) &&
         number < schema.value("exclusiveMaximum", HUGE_VAL);
}

/// The part of JSON Schema (draft 7) that config_schema() uses; throws for any other.
inline bool accepts(const nlohmann::json& schema, const nlohmann::json& value) {
  static const std::set<std::string> known{"$schema",
                                           "title",
                                           "description",
                                           "default",
                                           "allowComments",
                                           "type",
                                           "enum",
                                           "minimum",
                                           "maximum",
                                           "exclusiveMinimum",
                                           "anyOf",
                                           "items",
                                           "minItems",
                                           "maxItems",
                                           "exclusiveMaximum",
                                           "properties",
                                           "additionalProperties"};
  for (const auto& item : schema.items()) {
    if (known.count(item.key()) == 0) throw std::invalid_argument("keyword " + item.key());
  }
  const auto one_accepts = [&](const nlohmann::json& one) { return accepts(one, value); };
  if (schema.contains("anyOf")) {
    return std::any_of(schema["anyOf"].begin(), schema["anyOf"].end(), one_accepts);
  }
  if (schema.contains("enum")) {
    return std::count(schema["enum"].begin(), schema["enum"].end(), value) == 1;
  }
  const nlohmann::json& type = schema["type"];
  const auto types = type.is_array() ? type : nlohmann::json::array({type});
  const auto fits = [&](const nlohmann::json& one) { return is_of_type(value, one); };
  if (std::none_of(types.begin(), types.end(), fits)) return false;
  if (value.is_number()) return is_within(value, schema);
  if (value.is_array()) {
    const auto is_item = [&](const nlohmann::json& item) { return accepts(schema["items"], item); };
    return value.size() >= schema.value("minItems", 0U) &&
           value.size() <= schema.value("maxItems", value.size()) &&
           std::all_of(value.begin(), value.end(), is_item);
  }
  if (!value.is_object()) return true;
  for (const auto& item : value.items()) {
    if (!schema["properties"].contains(item.key())) return false;
    if (!accepts(schema["properties"][item.key()], item.value())) return false;
  }
  return true;
}

}  // namespace mobireg
