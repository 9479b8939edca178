#include "config/json_reader.h"

#include "core/fail.h"
#include "mobireg/core/text.h"

namespace mobireg {
namespace {

std::string shortened(const nlohmann::json& value) {
  const std::string text = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return text.size() <= 60 ? text : text.substr(0, 57) + "...";
}

std::string at(const std::string& path) { return path.empty() ? "the config" : path; }

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

void refuse_value(const JsonSource& source, const std::string& path, const nlohmann::json& value,
                  const std::string& allowed) {
  fail("{}: {}: {} is not allowed; it must be {}", source.origin, at(path), shortened(value),
       allowed);
}

void refuse_index(const JsonSource& source, const std::string& path, const std::string& index,
                  std::size_t size) {
  fail("{}: {}.{}: no such element; the list has {}", source.origin, path, index, size);
}

void refuse_unknown(const JsonSource& source, const std::string& path, const std::string& name,
                    const std::vector<std::string>& known) {
  const std::string nearest = nearest_name(name, known);
  const std::string full = path.empty() ? name : path + "." + name;
  if (!nearest.empty()) {
    fail("{}: {}: no such field; did you mean {}?", source.origin, full, nearest);
  }
  fail("{}: {}: no such field; known here: {}", source.origin, full, joined(known));
}

}  // namespace mobireg
