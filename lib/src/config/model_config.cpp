// A model's config as text, apart from a run's: files that carry it need no more.

#include <algorithm>

#include "config/config_text.h"

namespace mobireg {

using nlohmann::json;

json parse_config(const std::string& text, const std::string& origin) {
  try {
    json config = json::parse(text, nullptr, true, /*ignore_comments=*/true);
    if (config.is_object()) config.erase("$schema");
    return config;
  } catch (const json::parse_error& error) {
    const std::size_t end = std::min<std::size_t>(error.byte, text.size());
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<long>(end), '\n');
    fail("{}:{}: not valid JSON near byte {}", origin, line, error.byte);
  } catch (const json::out_of_range&) {
    fail("{}: a number in it is too large", origin);
  }
}

std::string to_json(const ModelConfig& config) { return config_text(config); }

ModelConfig model_config_from_json(const std::string& text, const std::string& origin) {
  return config_from_text<ModelConfig>(text, origin);
}

}  // namespace mobireg
