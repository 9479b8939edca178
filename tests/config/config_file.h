#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "mobireg/config/run_config.h"
#include "temporary_folder.h"

namespace mobireg {

inline const char* const kSmallest = R"({"data": {"csv": "labels.csv"}})";

/// The smallest config with `changes` (JSON) merged in.
inline nlohmann::json changed(const std::string& changes) {
  nlohmann::json config = nlohmann::json::parse(kSmallest);
  config.merge_patch(nlohmann::json::parse(changes));
  return config;
}

inline RunConfig config_with(const std::string& changes) {
  return run_config_from_json(changed(changes).dump(), "run.json");
}

/// A folder with `run.json`.
class ConfigFile {
 public:
  explicit ConfigFile(const std::string& text = kSmallest) { std::ofstream(path()) << text; }

  std::filesystem::path folder() const { return folder_.path(); }
  std::filesystem::path path() const { return folder_.path() / "run.json"; }
  RunConfig load(const std::vector<std::string>& overrides = {}) const {
    return load_run_config(path(), overrides);
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace mobireg
