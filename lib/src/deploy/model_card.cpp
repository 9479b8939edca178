#include "mobireg/deploy/model_card.h"

#include <nlohmann/json.hpp>

#include "core/fail.h"
#include "mobireg/config/run_config.h"
#include "mobireg/core/version.h"

namespace mobireg {
namespace {

constexpr const char* kFormat = "mobireg-model-card";

}  // namespace

std::string ModelCard::to_json() const {
  const bool rgb = model.input.color_mode == ColorMode::kRgb;
  nlohmann::ordered_json json;
  json["format"] = kFormat;
  json["format_version"] = 1;
  json["mobireg_version"] = version();
  json["input_layout"] = "NCHW float";
  json["input_range"] = {0, 255};
  json["channel_order"] = rgb ? "RGB" : "grey";
  json["normalization"] = normalization_inside ? "inside" : "outside";
  json["model"] = nlohmann::ordered_json::parse(mobireg::to_json(model));
  json["checkpoint_sha256"] = checkpoint_sha256;
  json["epoch"] = epoch;
  return json.dump(2) + "\n";
}

ModelCard ModelCard::from_json(const std::string& text, const std::string& origin) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  try {
    if (json.at("format") != kFormat) fail("{}: not a mobireg model card", origin);
    ModelCard card;
    card.model = model_config_from_json(json.at("model").dump(), origin);
    card.normalization_inside = json.at("normalization").get<std::string>() == "inside";
    card.checkpoint_sha256 = json.at("checkpoint_sha256").get<std::string>();
    card.epoch = json.at("epoch").get<int>();
    return card;
  } catch (const nlohmann::json::exception&) {
    fail("{}: its model card is incomplete", origin);
  }
}

}  // namespace mobireg
