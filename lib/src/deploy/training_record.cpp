#include "deploy/training_record.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "core/fail.h"
#include "mobireg/config/units.h"
#include "mobireg/core/file.h"
#include "mobireg/data/data_frame.h"

namespace mobireg {
namespace {

using Metadata = std::map<std::string, std::string>;

/// Leaves `number` as it is where there is no such entry.
template <class T>
bool read_number(const Metadata& metadata, const char* key, const std::string& origin, T& number) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) return false;
  const std::string& text = found->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) {
    fail("{}: its {} is '{}', not a number", origin, key, text);
  }
  return true;
}

TrainingSet training_set(const nlohmann::json& set) {
  TrainingSet read;
  read.csv = std::filesystem::path(set.at("csv").get<std::string>()).filename().string();
  read.face_boxes = set.contains("box") && !set["box"].empty();
  if (set.contains("crop_margin")) {
    read.crop_margin = {set["crop_margin"].at(0).get<double>(),
                        set["crop_margin"].at(1).get<double>()};
  }
  return read;
}

void read_sets(const nlohmann::json& config, const std::string& origin, ModelCard& card) {
  if (!config.contains("data")) return;
  try {
    const nlohmann::json& data = config["data"];
    const nlohmann::json sets = data.value("sets", nlohmann::json::array());
    for (const nlohmann::json& set : sets) card.training_sets.push_back(training_set(set));
    if (sets.empty()) card.training_sets.push_back(training_set(data));
  } catch (const nlohmann::json::exception&) {
    fail("{}: its config does not tell what data it was trained on", origin);
  }
}

std::string overall_unit(const ModelConfig& model) {
  const std::string unit = report_unit(model.outputs[0].unit);
  const bool same =
      std::all_of(model.outputs.begin(), model.outputs.end(),
                  [&](const OutputConfig& output) { return report_unit(output.unit) == unit; });
  return same ? unit : "";
}

/// Whether the weights are those that an epoch ended with: in the middle of one there are sums.
bool at_end_of_epoch(const TensorFile& checkpoint) {
  const at::Tensor sums = checkpoint.find("metrics.sums");
  return sums.defined() && sums.count_nonzero().item<std::int64_t>() == 0;
}

/// The run folder of RUN/checkpoints/NAME.safetensors, when that checkpoint is of its run.
std::optional<std::filesystem::path> run_folder(const std::filesystem::path& path,
                                                const nlohmann::json& config) {
  const auto folder = std::filesystem::absolute(path).parent_path().parent_path();
  std::error_code error;
  for (const char* name : {"config.json", "metrics.csv", "rows.csv"}) {
    if (!std::filesystem::is_regular_file(folder / name, error)) return std::nullopt;
  }
  const auto of_run = nlohmann::json::parse(read_file(folder / "config.json"), nullptr, false);
  for (const char* part : {"model", "data"}) {
    if (!of_run.is_object() || of_run.value(part, nlohmann::json()) != config.at(part)) {
      return std::nullopt;
    }
  }
  return folder;
}

std::int64_t rows_of(const DataFrame& rows, std::string_view split) {
  const auto& splits = rows.strings("split");
  return std::count(splits.begin(), splits.end(), split);
}

/// What the folder has of that epoch: every output's error, and how many rows there were.
void read_run_folder(const std::filesystem::path& folder, ModelCard& card) {
  const DataFrame rows = DataFrame::read_csv(folder / "rows.csv");
  card.training_rows = rows_of(rows, "train");
  const DataFrame metrics = DataFrame::read_csv(folder / "metrics.csv");
  if (!metrics.has_column("val_mae")) return;
  const std::vector<double>& steps = metrics.numbers("step");
  const auto found = std::find(steps.begin(), steps.end(), static_cast<double>(card.step));
  if (found == steps.end()) return;
  const auto row = static_cast<std::size_t>(found - steps.begin());
  HeldOutErrors errors;
  errors.rows = "validation";
  errors.count = rows_of(rows, "validation");
  errors.unit = overall_unit(card.model);
  errors.mae = metrics.numbers("val_mae")[row];
  for (const OutputConfig& output : card.model.outputs) {
    errors.maes.push_back(metrics.numbers("val_" + output.name + "_mae")[row]);
  }
  card.held_out = std::move(errors);
}

}  // namespace

void read_training_record(const std::filesystem::path& path, const TensorFile& checkpoint,
                          ModelCard& card) {
  const std::string origin = path.string();
  const Metadata& metadata = checkpoint.metadata;
  if (!read_number(metadata, "epoch", origin, card.epoch)) return;
  read_number(metadata, "step", origin, card.step);
  const auto fingerprint = metadata.find("data_fingerprint");
  if (fingerprint != metadata.end()) card.data_fingerprint = fingerprint->second;
  const auto config = nlohmann::json::parse(metadata.at("config"), nullptr, false);
  if (!config.is_object()) fail("{}: its config is not JSON", origin);
  read_sets(config, origin, card);

  int best_epoch = 0;
  double best_mae = 0;
  const bool known = read_number(metadata, "best_epoch", origin, best_epoch) &&
                     read_number(metadata, "best_mae", origin, best_mae);
  const bool whole_epoch = at_end_of_epoch(checkpoint);
  if (known && whole_epoch && best_epoch == card.epoch) {
    card.held_out = HeldOutErrors{"validation", 0, overall_unit(card.model), best_mae, {}};
  }
  if (!config.contains("data")) return;
  if (const auto folder = run_folder(path, config); folder && whole_epoch) {
    read_run_folder(*folder, card);
  }
}

}  // namespace mobireg
