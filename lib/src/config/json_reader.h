#pragma once

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "config/fields.h"

namespace mobireg {

/// Where a JSON text came from, for messages, and the folder that paths in it are relative to.
struct JsonSource {
  std::string origin;
  std::filesystem::path base;
};

[[noreturn]] void refuse_value(const JsonSource& source, const std::string& path,
                               const nlohmann::json& value, const std::string& allowed);
[[noreturn]] void refuse_index(const JsonSource& source, const std::string& path,
                               const std::string& index, std::size_t size);
[[noreturn]] void refuse_unknown(const JsonSource& source, const std::string& path,
                                 const std::string& name, const std::vector<std::string>& known);

/// Reads the fields that a JSON object has into a struct; the others keep their values.
class JsonReader {
 public:
  JsonReader(const nlohmann::json& object, std::string path, const JsonSource& source)
      : object_(object), path_(std::move(path)), source_(source) {
    if (!object.is_object()) refuse_value(source_, path_, object, "an object");
  }

  template <class T>
  void operator()(const char* name, T& value, const char* /*meaning*/, const Bound& bound = kAny) {
    known_.emplace_back(name);
    const auto found = object_.find(name);
    if (found == object_.end()) return;
    read(*found, path_.empty() ? name : path_ + "." + name, value, bound);
  }

  /// Throws Error when the object has a field that no call asked for.
  void refuse_others() const {
    for (const auto& item : object_.items()) {
      bool known = false;
      for (const std::string& name : known_) known = known || name == item.key();
      if (!known) refuse_unknown(source_, path_, item.key(), known_);
    }
  }

 private:
  template <class T>
  void read(const nlohmann::json& json, const std::string& path, T& value, const Bound& bound) {
    if constexpr (is_config_struct<T>) {
      JsonReader reader(json, path, source_);
      visit_fields(reader, value);
      reader.refuse_others();
    } else if constexpr (std::is_enum_v<T>) {
      read_enum(json, path, value);
    } else if constexpr (std::is_same_v<T, bool>) {
      if (!json.is_boolean()) refuse_value(source_, path, json, "true or false");
      value = json.get<bool>();
    } else if constexpr (std::is_integral_v<T>) {
      read_integer(json, path, value, bound);
    } else if constexpr (std::is_same_v<T, double>) {
      if (!json.is_number()) refuse_value(source_, path, json, "a number");
      value = json.get<double>();
      check(json, path, value, bound);
    } else if constexpr (std::is_same_v<T, std::string>) {
      if (!json.is_string()) refuse_value(source_, path, json, "a text");
      value = json.get<std::string>();
    } else if constexpr (std::is_same_v<T, std::filesystem::path>) {
      if (!json.is_string()) refuse_value(source_, path, json, "a path");
      const auto text = json.get<std::string>();
      value = text.empty() ? std::filesystem::path() : (source_.base / text).lexically_normal();
    } else {
      read_container(json, path, value, bound);
    }
  }

  template <class T>
  void read_container(const nlohmann::json& json, const std::string& path, std::optional<T>& value,
                      const Bound& bound) {
    if (json.is_null()) {
      value.reset();
    } else {
      read(json, path, value.emplace(), bound);
    }
  }

  void read_container(const nlohmann::json& json, const std::string& path, Interval& value,
                      const Bound& bound) {
    if (!json.is_array() || json.size() != 2) {
      refuse_value(source_, path, json, "two numbers, [lowest, highest]");
    }
    read(json[0], path + ".0", value.first, bound);
    read(json[1], path + ".1", value.second, bound);
    if (value.first > value.second) refuse_value(source_, path, json, "[lowest, highest]");
  }

  void read_container(const nlohmann::json& json, const std::string& path, Range& value,
                      const Bound& bound) {
    if (json.is_number()) {
      read(json, path, value.low, bound);
      value.high = value.low;
      return;
    }
    Interval pair;
    read_container(json, path, pair, bound);
    value = {pair.first, pair.second};
  }

  void read_container(const nlohmann::json& json, const std::string& path, ZoomRange& value,
                      const Bound& bound) {
    if (json.is_number()) {
      const double zoom = json.get<double>();
      if (zoom < 0 || zoom >= 1) refuse_value(source_, path, json, "0 up to, not including, 1");
      value = {1 - zoom, 1 + zoom};
      return;
    }
    Interval pair;
    read_container(json, path, pair, bound);
    value = {pair.first, pair.second};
  }

  void read_container(const nlohmann::json& json, const std::string& path, ShiftRange& value,
                      const Bound& bound) {
    using Form = ShiftRange::Form;
    if (json.is_array() && !json.empty()) {
      value.form = Form::kList;
      read_container(json, path, value.values, kAny);
    } else if (json.is_number()) {
      value.form = json.is_number_integer() ? Form::kWhole : Form::kUniform;
      value.values = {0.0};
      read(json, path, value.values[0], bound);
    } else {
      refuse_value(source_, path, json, "a number, or a list of numbers");
    }
  }

  /// An array replaces the list; an object {"0": ...} changes the elements it numbers, which is how
  /// `--set model.heads.0.hidden=64` arrives.
  template <class T>
  void read_container(const nlohmann::json& json, const std::string& path, std::vector<T>& value,
                      const Bound& bound) {
    if (json.is_object()) {
      for (const auto& item : json.items()) {
        std::size_t index = 0;
        while (index < value.size() && std::to_string(index) != item.key()) ++index;
        if (index == value.size()) refuse_index(source_, path, item.key(), value.size());
        read(item.value(), path + "." + item.key(), value[index], bound);
      }
      return;
    }
    if (!json.is_array()) refuse_value(source_, path, json, "a list");
    value.assign(json.size(), T{});
    for (std::size_t i = 0; i < json.size(); ++i) {
      read(json[i], path + "." + std::to_string(i), value[i], bound);
    }
  }

  template <class E>
  void read_enum(const nlohmann::json& json, const std::string& path, E& value) {
    std::string allowed;
    for (const auto& [candidate, name] : EnumNames<E>::list) {
      if (json == name) {
        value = candidate;
        return;
      }
      allowed += allowed.empty() ? name : std::string(", ") + name;
    }
    refuse_value(source_, path, json, "one of " + allowed);
  }

  template <class T>
  void read_integer(const nlohmann::json& json, const std::string& path, T& value,
                    const Bound& bound) {
    const bool whole =
        json.is_number_integer() ||
        (json.is_number_float() && json.get<double>() == std::floor(json.get<double>()) &&
         std::abs(json.get<double>()) < 9e15);
    if (!whole) refuse_value(source_, path, json, "a whole number");
    if (std::is_unsigned_v<T> && json.get<double>() < 0) {
      refuse_value(source_, path, json, "0 or more");
    }
    if (json.get<double>() > static_cast<double>(std::numeric_limits<T>::max())) {
      refuse_value(source_, path, json, "at most " + std::to_string(std::numeric_limits<T>::max()));
    }
    check(json, path, json.get<double>(), bound);
    value = json.is_number_float() ? static_cast<T>(json.get<double>()) : json.get<T>();
  }

  void check(const nlohmann::json& json, const std::string& path, double value,
             const Bound& bound) const {
    const bool above = bound.low_excluded ? value > bound.low : value >= bound.low;
    const bool below = bound.high_excluded ? value < bound.high : value <= bound.high;
    if (!above || !below) refuse_value(source_, path, json, bound.text);
  }

  const nlohmann::json& object_;
  std::string path_;
  const JsonSource& source_;
  std::vector<std::string> known_;
};

/// Reads a whole struct from a JSON object; a field it does not know is refused.
template <class T>
void read_struct(const nlohmann::json& json, const JsonSource& source, T& value) {
  JsonReader reader(json, "", source);
  visit_fields(reader, value);
  reader.refuse_others();
}

}  // namespace mobireg
