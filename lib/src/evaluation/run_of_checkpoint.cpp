#include "evaluation/run_of_checkpoint.h"

#include "core/fail.h"
#include "mobireg/model/safetensors.h"

namespace mobireg {

RunConfig run_of_checkpoint(const std::filesystem::path& file, const char* advice) {
  const std::string origin = file.string();
  if (file.extension() != ".safetensors") {
    fail("{}: only a checkpoint knows its run's images; {}", origin, advice);
  }
  const auto metadata = read_safetensors_metadata(file);
  const auto format = metadata.find("format");
  const auto config = metadata.find("config");
  if (format == metadata.end() || format->second != "mobireg-checkpoint" ||
      config == metadata.end()) {
    fail("{}: not a mobireg checkpoint, so its run's images are not known; {}", origin, advice);
  }
  return run_config_from_json(config->second, origin);
}

}  // namespace mobireg
