#include "mobireg/deploy/model_card.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "config/enum_names.h"
#include "core/fail.h"
#include "deploy/raw_outputs.h"
#include "mobireg/config/run_config.h"
#include "mobireg/model/head_outputs.h"

namespace mobireg {

template <>
struct EnumNames<Precision> {
  static constexpr std::array<std::pair<Precision, const char*>, 3> list{
      {{Precision::kFloat32, "float32"},
       {Precision::kFloat16, "float16"},
       {Precision::kInt8, "int8"}}};
};

namespace {

constexpr const char* kFormat = "mobireg-model-card";
constexpr int kFormatVersion = 2;

using Json = nlohmann::ordered_json;

template <class T>
Json or_null(bool known, const T& value) {
  return known ? Json(value) : Json();
}

Json outputs_json(const ModelConfig& model) {
  Json list = Json::array();
  for (const OutputConfig& output : model.outputs) {
    list.push_back({{"name", output.name}, {"unit", enum_name(output.unit)}});
  }
  return list;
}

Json input_json(const ModelCard& card) {
  const InputConfig& input = card.model.input;
  Json json;
  json["layout"] = "NCHW float";
  json["size"] = input.size;
  json["channel_order"] = input.color_mode == ColorMode::kRgb ? "RGB" : "grey";
  json["range"] = {0, 255};
  json["resize"] = enum_name(input.interpolation);
  json["mean"] = or_null(!card.mean.empty(), card.mean);
  json["scale"] = or_null(!card.scale.empty(), card.scale);
  const std::optional<double> margin = card.crop_margin();
  json["crop_margin"] = margin ? Json(*margin) : Json();
  return json;
}

Json training_json(const ModelCard& card) {
  Json sets = Json::array();
  for (const TrainingSet& set : card.training_sets) {
    sets.push_back({{"csv", set.csv},
                    {"face_boxes", set.face_boxes},
                    {"crop_margin", {set.crop_margin.low, set.crop_margin.high}}});
  }
  Json json;
  json["epoch"] = card.epoch;
  json["step"] = card.step;
  json["sets"] = std::move(sets);
  json["rows"] = or_null(card.training_rows > 0, card.training_rows);
  json["data_fingerprint"] = or_null(!card.data_fingerprint.empty(), card.data_fingerprint);
  return json;
}

Json held_out_json(const ModelCard& card) {
  if (!card.held_out) return nullptr;
  const HeldOutErrors& errors = *card.held_out;
  Json json;
  json["rows"] = errors.rows;
  json["count"] = or_null(errors.count > 0, errors.count);
  json["unit"] = errors.unit;
  json["mae"] = errors.mae;
  json["maes"] = or_null(!errors.maes.empty(), errors.maes);
  return json;
}

/// Leaves `to` as it is where the value is null.
template <class T>
void read(const nlohmann::json& json, const char* name, T& to) {
  if (!json.at(name).is_null()) to = json.at(name).get<T>();
}

void read_training(const nlohmann::json& json, ModelCard& card) {
  read(json, "epoch", card.epoch);
  read(json, "step", card.step);
  read(json, "rows", card.training_rows);
  read(json, "data_fingerprint", card.data_fingerprint);
  for (const nlohmann::json& set : json.at("sets")) {
    card.training_sets.push_back(
        {set.at("csv").get<std::string>(),
         set.at("face_boxes").get<bool>(),
         {set.at("crop_margin").at(0).get<double>(), set.at("crop_margin").at(1).get<double>()}});
  }
}

void read_held_out(const nlohmann::json& json, ModelCard& card) {
  if (json.is_null()) return;
  HeldOutErrors errors;
  read(json, "rows", errors.rows);
  read(json, "count", errors.count);
  read(json, "unit", errors.unit);
  read(json, "mae", errors.mae);
  read(json, "maes", errors.maes);
  card.held_out = std::move(errors);
}

Precision read_precision(const nlohmann::json& json, const std::string& origin) {
  const auto text = json.get<std::string>();
  for (const auto& [value, name] : EnumNames<Precision>::list) {
    if (text == name) return value;
  }
  fail("{}: its model card has the precision '{}'; it is float32, float16 or int8", origin, text);
}

void check_format(const nlohmann::json& json, const std::string& origin) {
  if (!json.is_object() || json.value("format", nlohmann::json()) != kFormat) {
    fail("{}: not a mobireg model card", origin);
  }
  if (json.at("format_version") != kFormatVersion) {
    fail("{}: its model card has the format version {}; this mobireg reads version {}", origin,
         json.at("format_version").dump(), kFormatVersion);
  }
}

void read_card(const nlohmann::json& json, const std::string& origin, ModelCard& card) {
  check_format(json, origin);
  card.model = model_config_from_json(json.at("model").dump(), origin);
  const nlohmann::json& input = json.at("input");
  card.normalization_inside = json.at("normalization").get<std::string>() == "inside";
  read(input, "mean", card.mean);
  read(input, "scale", card.scale);
  card.precision = read_precision(json.at("precision"), origin);
  read_training(json.at("training"), card);
  read_held_out(json.at("held_out_errors"), card);
  read(json, "checkpoint_sha256", card.checkpoint_sha256);
  read(json, "mobireg_version", card.mobireg_version);
}

}  // namespace

std::optional<double> ModelCard::crop_margin() const {
  std::optional<Range> all;
  for (const TrainingSet& set : training_sets) {
    if (!set.face_boxes) continue;
    if (!all) all = set.crop_margin;
    all->low = std::min(all->low, set.crop_margin.low);
    all->high = std::max(all->high, set.crop_margin.high);
  }
  if (!all) return std::nullopt;
  return (all->low + all->high) / 2;
}

std::string ModelCard::summary() const {
  const std::size_t shown = std::min<std::size_t>(model.outputs.size(), 8);
  std::string names;
  for (std::size_t i = 0; i < shown; ++i) {
    names += fmt::format("{}{} ({})", i == 0 ? "" : ", ", model.outputs[i].name,
                         enum_name(model.outputs[i].unit));
  }
  if (shown < model.outputs.size()) {
    names += fmt::format(" and {} more", model.outputs.size() - shown);
  }
  const char* order = model.input.color_mode == ColorMode::kRgb ? "RGB" : "grey";
  const char* fed = normalization_inside ? "pixels of 0 to 255" : "(pixel - mean) / scale";
  const char* raw = gives_outputs(model) ? "" : " Its columns are decoded as raw_outputs says.";
  return fmt::format("MobileNet regressor of {1} from a {0} x {0} {2} image, fed {3}.{4}{5}{6}",
                     model.input.size, names, order, fed, raw, model.convention.empty() ? "" : " ",
                     model.convention);
}

std::string ModelCard::to_json() const {
  Json json;
  json["format"] = kFormat;
  json["format_version"] = kFormatVersion;
  json["mobireg_version"] = mobireg_version;
  json["summary"] = summary();
  json["outputs"] = outputs_json(model);
  if (!gives_outputs(model)) json["raw_outputs"] = raw_outputs_json(model);
  json["convention"] = model.convention;
  json["input"] = input_json(*this);
  json["normalization"] = normalization_inside ? "inside" : "outside";
  json["precision"] = enum_name(precision);
  json["training"] = training_json(*this);
  json["held_out_errors"] = held_out_json(*this);
  json["model"] = Json::parse(mobireg::to_json(model));
  json["checkpoint_sha256"] = checkpoint_sha256;
  return json.dump(2) + "\n";
}

ModelCard ModelCard::from_json(const std::string& text, const std::string& origin) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  ModelCard card;
  try {
    read_card(json, origin, card);
  } catch (const nlohmann::json::exception&) {
    fail("{}: its model card is incomplete", origin);
  }
  return card;
}

}  // namespace mobireg
