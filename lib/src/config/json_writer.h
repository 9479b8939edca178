#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "config/fields.h"

namespace mobireg {

/// Writes a struct's fields into a JSON object, in the order of the field list.
class JsonWriter {
 public:
  template <class T>
  void operator()(const char* name, T& value, const char* /*meaning*/, const Bound& = kAny) {
    object_[name] = to_json_value(value);
  }

  template <class T>
  static nlohmann::ordered_json to_json_value(T& value) {
    if constexpr (is_config_struct<T>) {
      JsonWriter writer;
      visit_fields(writer, value);
      return writer.object_;
    } else if constexpr (std::is_enum_v<T>) {
      return enum_name(value);
    } else if constexpr (std::is_same_v<T, std::filesystem::path>) {
      return value.string();
    } else if constexpr (is_optional<T>) {
      return value ? to_json_value(*value) : nlohmann::ordered_json();
    } else if constexpr (std::is_same_v<T, Interval>) {
      return nlohmann::ordered_json::array({value.first, value.second});
    } else if constexpr (std::is_same_v<T, Range> || std::is_same_v<T, ZoomRange>) {
      return nlohmann::ordered_json::array({value.low, value.high});
    } else if constexpr (std::is_same_v<T, ShiftRange>) {
      if (value.form == ShiftRange::Form::kList) return value.values;
      if (value.form == ShiftRange::Form::kWhole) return static_cast<std::int64_t>(value.values[0]);
      return value.values[0];
    } else if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string>) {
      return value;
    } else {
      nlohmann::ordered_json list = nlohmann::ordered_json::array();
      for (auto& element : value) list.push_back(to_json_value(element));
      return list;
    }
  }

 private:
  nlohmann::ordered_json object_ = nlohmann::ordered_json::object();
};

}  // namespace mobireg
