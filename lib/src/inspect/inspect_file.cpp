#include "core/fail.h"
#include "mobireg/core/file.h"
#include "mobireg/inspect/inspect.h"

namespace mobireg {
namespace {

constexpr const char* kGuessed = "No config was given: outputs and units were guessed from the CSV";
constexpr const char* kDeclare =
    "A run's config declares them, in model.outputs and in the data set's units; inspect that "
    "before "
    "training.";

}  // namespace

std::pair<std::filesystem::path, Inspection> inspect_file(const InspectFileOptions& options) {
  const std::filesystem::path& input = options.data_or_config;
  std::filesystem::path output = options.output;
  if (output.empty()) output = input.stem().string() + "_inspect.html";
  if (!options.overwrite && std::filesystem::exists(std::filesystem::symlink_status(output))) {
    fail("{}: it exists already; --overwrite replaces it", output.string());
  }
  const bool has_config = input.extension() == ".json";
  Inspection inspection = inspect(has_config ? load_run_config(input, options.overrides)
                                             : run_config_for_csv(input, options.overrides),
                                  options.inspect);
  if (!has_config) inspection.findings.push_back({Finding::Kind::kNote, kGuessed, kDeclare});
  inspection.source = input.filename().string();
  write_file_atomically(output, to_html(inspection));
  return {std::move(output), std::move(inspection)};
}

}  // namespace mobireg
