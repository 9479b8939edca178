#include "report/comparison_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "mobireg/config/units.h"
#include "page/html_text.h"
#include "report/judged_errors.h"

namespace mobireg {
namespace {

constexpr std::size_t kMostOutputs = 6;  // with a column of their own
constexpr const char* kUnknown = "\xE2\x80\x93";

using Outputs = std::vector<OutputConfig>;

bool has_columns(const Outputs& outputs) {
  return outputs.size() > 1 && outputs.size() <= kMostOutputs;
}

std::string error_text(double error) { return fmt::format("{:.3f}", error); }

void add_errors(const std::optional<MaeByOutput>& errors, const Outputs& outputs,
                std::vector<std::string>& row) {
  row.push_back(errors ? error_text(errors->mae) : kUnknown);
  if (!has_columns(outputs)) return;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    row.push_back(errors ? error_text(errors->outputs[k]) : kUnknown);
  }
}

std::vector<std::string> table_row(const RunRecord& run, bool has_tests) {
  const Outputs& outputs = run.config.model.outputs;
  std::vector<std::string> row{run.name,
                               fmt::format("{}/{}", run.epochs, run.config.training.epochs),
                               run.best_epoch ? std::to_string(*run.best_epoch) : kUnknown};
  add_errors(run.validation, outputs, row);
  if (has_tests) add_errors(run.test, outputs, row);
  row.push_back(run.images_per_second ? fmt::format("{:.0f}", *run.images_per_second) : kUnknown);
  row.push_back(with_commas(run.parameters));
  return row;
}

/// Characters, not bytes.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

}  // namespace

TextTable comparison_table(const RunComparison& comparison) {
  TextTable table;
  if (comparison.runs.empty()) return table;
  const Outputs& outputs = comparison.runs[0].config.model.outputs;
  const bool has_tests = std::any_of(comparison.runs.begin(), comparison.runs.end(),
                                     [](const RunRecord& run) { return run.test.has_value(); });
  const std::string unit = have_one_unit(outputs) ? report_unit(outputs[0].unit) : "";
  table.columns = {"run", "epochs", "best"};
  const auto add_columns = [&](const std::string& split) {
    table.columns.push_back(split + " MAE" + (unit.empty() ? "" : " " + unit));
    if (!has_columns(outputs)) return;
    for (const OutputConfig& output : outputs) table.columns.push_back(split + " " + output.name);
  };
  add_columns("val");
  if (has_tests) add_columns("test");
  table.columns.insert(table.columns.end(), {"images/s", "parameters"});
  for (const RunRecord& run : comparison.runs) table.rows.push_back(table_row(run, has_tests));
  return table;
}

std::string aligned(const TextTable& table) {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    widths.push_back(width_of(table.columns[i]));
    for (const auto& row : table.rows) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text;
  const auto add_line = [&](const std::vector<std::string>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string padding(widths[i] - width_of(cells[i]), ' ');
      text += i == 0 ? cells[i] + padding : "  " + padding + cells[i];
    }
    text += "\n";
  };
  add_line(table.columns);
  for (const auto& row : table.rows) add_line(row);
  return text;
}

}  // namespace mobireg
