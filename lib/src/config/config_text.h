#pragma once

#include <string>
#include <utility>

#include "config/json_reader.h"
#include "config/json_writer.h"
#include "core/fail.h"
#include "mobireg/config/run_config.h"

namespace mobireg {

/// Without `$schema`, which is the editor's. Throws Error that begins with `origin` and the line.
nlohmann::json parse_config(const std::string& text, const std::string& origin);

template <class T>
std::string config_text(const T& config) {
  T copy = config;
  return JsonWriter::to_json_value(copy).dump(2) + "\n";
}

template <class T>
T resolved(T config, const std::string& origin) {
  try {
    return resolve_config(std::move(config));
  } catch (const Error& error) {
    fail("{}: {}", origin, error.what());
  }
}

template <class T>
T config_from_text(const std::string& text, const std::string& origin) {
  T config;
  const JsonSource source{origin, {}};
  read_struct(parse_config(text, origin), source, config);
  return resolved(std::move(config), origin);
}

}  // namespace mobireg
