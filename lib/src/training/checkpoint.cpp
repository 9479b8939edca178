#include "mobireg/training/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "core/fail.h"
#include "mobireg/core/version.h"

namespace mobireg {
namespace {

constexpr const char* kFormat = "mobireg-checkpoint";
constexpr const char* kVersion = "1";

using Metadata = std::map<std::string, std::string>;

const std::string& text_of(const Metadata& metadata, const std::string& key,
                           const std::filesystem::path& path) {
  const auto found = metadata.find(key);
  if (found == metadata.end())
    fail("{}: not a mobireg checkpoint: it has no {}", path.string(), key);
  return found->second;
}

template <class T>
T number_of(const Metadata& metadata, const std::string& key, const std::filesystem::path& path) {
  const std::string& text = text_of(metadata, key, path);
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) {
    fail("{}: its {} is '{}', not a number", path.string(), key, text);
  }
  return number;
}

std::string output_names(const RunConfig& config) {
  nlohmann::json names = nlohmann::json::array();
  for (const OutputConfig& output : config.model.outputs) names.push_back(output.name);
  return names.dump();
}

Metadata to_metadata(const Checkpoint& checkpoint) {
  Metadata metadata{
      {"format", kFormat},
      {"format_version", kVersion},
      {"mobireg_version", version()},
      {"config", to_json(checkpoint.config)},
      {"output_names", output_names(checkpoint.config)},
      {"epoch", std::to_string(checkpoint.epoch)},
      {"step", std::to_string(checkpoint.step)},
      {"random_state",
       nlohmann::json{{"seed", checkpoint.config.seed}, {"step", checkpoint.step}}.dump()},
      {"threads", std::to_string(checkpoint.threads)},
      {"data_fingerprint", checkpoint.data_fingerprint}};
  if (checkpoint.best) {
    metadata["best_epoch"] = std::to_string(checkpoint.best->epoch);
    metadata["best_mae"] = fmt::format("{}", checkpoint.best->mae);
  }
  return metadata;
}

}  // namespace

void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  write_safetensors(path, {to_metadata(checkpoint), checkpoint.tensors}, Checksum::kSha256);
}

Checkpoint read_checkpoint(const std::filesystem::path& path) {
  TensorFile file = read_safetensors(path, Checksum::kSha256);
  const Metadata& metadata = file.metadata;
  if (text_of(metadata, "format", path) != kFormat) {
    fail("{}: not a mobireg checkpoint", path.string());
  }
  if (const std::string& given = text_of(metadata, "format_version", path); given != kVersion) {
    fail("{}: its format version is {}; this mobireg reads version {}", path.string(), given,
         kVersion);
  }
  Checkpoint checkpoint;
  checkpoint.config = run_config_from_json(text_of(metadata, "config", path), path.string());
  checkpoint.epoch = number_of<int>(metadata, "epoch", path);
  checkpoint.step = number_of<std::int64_t>(metadata, "step", path);
  checkpoint.threads = number_of<int>(metadata, "threads", path);
  checkpoint.data_fingerprint = text_of(metadata, "data_fingerprint", path);
  if (metadata.count("best_epoch") > 0) {
    checkpoint.best = BestEpoch{number_of<int>(metadata, "best_epoch", path),
                                number_of<double>(metadata, "best_mae", path)};
  }
  checkpoint.tensors = std::move(file.tensors);
  return checkpoint;
}

std::optional<Checkpoint> newest_checkpoint(const std::filesystem::path& folder,
                                            const WarningCallback& warn) {
  std::vector<std::pair<std::int64_t, std::filesystem::path>> candidates;
  std::error_code missing_folder;
  for (const auto& entry : std::filesystem::directory_iterator(folder, missing_folder)) {
    const auto& path = entry.path();
    if (path.extension() != ".safetensors" || path.filename().string()[0] == '.') continue;
    try {
      const Metadata metadata = read_safetensors_metadata(path);
      candidates.emplace_back(number_of<std::int64_t>(metadata, "step", path), path);
    } catch (const Error& error) {
      warn(error.what());
    }
  }
  // Of several with the same step any will do; the name makes the choice repeatable.
  std::sort(candidates.rbegin(), candidates.rend());
  for (const auto& candidate : candidates) {
    try {
      return read_checkpoint(candidate.second);
    } catch (const Error& error) {
      warn(error.what());
    }
  }
  return std::nullopt;
}

}  // namespace mobireg
