#include "mobireg/report/compare.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/fail.h"
#include "mobireg/config/units.h"
#include "mobireg/core/file.h"
#include "report/comparison_table.h"
#include "report/flat_config.h"
#include "report/run_record.h"

namespace mobireg {
namespace {

/// "pitch, yaw and roll", at most the first few.
std::string names_of(const std::vector<OutputConfig>& outputs) {
  constexpr std::size_t kMost = 6;
  std::string text;
  for (std::size_t k = 0; k < std::min(outputs.size(), kMost); ++k) {
    text += (k == 0 ? "" : ", ") + outputs[k].name;
  }
  return outputs.size() > kMost ? fmt::format("{}, ... ({} outputs)", text, outputs.size()) : text;
}

void check_outputs(const RunRecord& first, const RunRecord& run) {
  const auto& expected = first.config.model.outputs;
  const auto& outputs = run.config.model.outputs;
  const bool alike = std::equal(
      outputs.begin(), outputs.end(), expected.begin(), expected.end(),
      [](const OutputConfig& a, const OutputConfig& b) {
        return a.name == b.name && std::string_view(report_unit(a.unit)) == report_unit(b.unit);
      });
  if (alike) return;
  fail(
      "{}: its outputs are {}, those of {} are {}; compared are runs of the same outputs and units",
      run.path.string(), names_of(outputs), first.path.string(), names_of(expected));
}

/// Whole paths where folders have one name.
void make_names_unique(std::vector<RunRecord>& runs) {
  std::map<std::string, int> counts;
  for (const RunRecord& run : runs) ++counts[run.name];
  for (RunRecord& run : runs) {
    if (counts[run.name] > 1) run.name = run.path.string();
  }
}

std::vector<FieldDifference> find_differences(const std::vector<RunRecord>& runs) {
  std::vector<std::map<std::string, std::string>> configs;
  std::set<std::string> fields;
  for (const RunRecord& run : runs) {
    configs.push_back(flat_config(run.config));
    for (const auto& [field, value] : configs.back()) fields.insert(field);
  }
  fields.erase("run_dir");
  std::vector<FieldDifference> differences;
  for (const std::string& field : fields) {
    FieldDifference difference{field, {}};
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const auto found = configs[i].find(field);
      const std::string value = found == configs[i].end() ? "not there" : found->second;
      auto& values = difference.values;
      const auto same = std::find_if(values.begin(), values.end(),
                                     [&](const auto& known) { return known.first == value; });
      if (same == values.end()) {
        values.push_back({value, {runs[i].name}});
      } else {
        same->second.push_back(runs[i].name);
      }
    }
    if (difference.values.size() > 1) differences.push_back(std::move(difference));
  }
  return differences;
}

}  // namespace

RunComparison compare_runs(const std::vector<std::filesystem::path>& run_dirs,
                           const CompareOptions& options) {
  const auto& html = options.html;
  if (!options.overwrite && std::filesystem::exists(std::filesystem::symlink_status(html))) {
    fail("{}: it exists already; --overwrite replaces it", html.string());
  }
  if (run_dirs.empty()) fail("there are no runs to compare");
  RunComparison comparison;
  for (const auto& run_dir : run_dirs) {
    comparison.runs.push_back(read_run_record(run_dir));
    check_outputs(comparison.runs.front(), comparison.runs.back());
  }
  for (RunRecord& run : comparison.runs) {
    if (options.evaluate && !run.test) evaluate_test_rows(run, options);
  }
  make_names_unique(comparison.runs);
  comparison.differences = find_differences(comparison.runs);
  if (!html.empty()) write_file_atomically(html, to_html(comparison));
  return comparison;
}

std::string RunComparison::to_string() const {
  std::string text = aligned(comparison_table(*this));
  if (runs.size() < 2) return text;
  if (differences.empty()) return text + "\nTheir configs are alike.\n";
  text += "\nWhat differs in their configs:\n";
  for (const FieldDifference& difference : differences) {
    text += difference.field + "\n";
    for (const auto& [value, names] : difference.values) {
      text += fmt::format("  {}: {}\n", value, fmt::join(names, ", "));
    }
  }
  return text;
}

}  // namespace mobireg
