#include <fmt/format.h>

#include "mobireg/config/units.h"
#include "mobireg/report/compare.h"
#include "page/html_page.h"
#include "page/html_text.h"
#include "page/line_chart.h"
#include "report/comparison_table.h"
#include "report/judged_errors.h"
#include "report/run_history.h"

namespace mobireg {
namespace {

constexpr std::size_t kMostOutputs = 8;  // with a chart of their own

std::string results_section(const RunComparison& comparison) {
  const TextTable table = comparison_table(comparison);
  std::vector<std::vector<std::string>> rows;
  for (const auto& row : table.rows) {
    rows.emplace_back();
    for (const std::string& cell : row) rows.back().push_back(escape_html(cell));
  }
  return heading("results", "Results") +
         "<p>Validation errors are those of the best epoch; test errors are of its checkpoint, "
         "where that was evaluated. Speed is the median over the epochs.</p><div "
         "class=\"scroll\">" +
         table_html(table.columns, rows) + "</div>";
}

std::string difference_values(const FieldDifference& difference) {
  std::string html;
  for (const auto& [value, names] : difference.values) {
    html += fmt::format("<div><code>{}</code> {}</div>", escape_html(value),
                        escape_html(fmt::format("{}", fmt::join(names, ", "))));
  }
  return html;
}

std::string differences_section(const RunComparison& comparison) {
  std::string html = heading("differences", "What differs in their configs");
  if (comparison.differences.empty()) return html + "<p>Nothing.</p>";
  std::vector<std::vector<std::string>> rows;
  for (const FieldDifference& difference : comparison.differences) {
    rows.push_back({escape_html(difference.field), difference_values(difference)});
  }
  return html + "<div class=\"fields\">" + table_html({"field", "values"}, rows) + "</div>";
}

/// One column of all runs' metrics.
std::string figure(const RunComparison& comparison, const std::vector<RunHistory>& histories,
                   LineChart chart, const std::string& column) {
  for (std::size_t i = 0; i < histories.size(); ++i) {
    const auto curve = histories[i].curve(column);
    if (curve.empty()) continue;
    chart.lines.push_back({comparison.runs[i].name, line_colour(i, histories.size()), curve});
  }
  return line_figure(chart);
}

std::string curves_section(const RunComparison& comparison) {
  std::vector<RunHistory> histories;
  for (const RunRecord& run : comparison.runs) {
    histories.push_back(run.epochs > 0 ? RunHistory::read(run.path / "metrics.csv") : RunHistory());
  }
  const auto& outputs = comparison.runs[0].config.model.outputs;
  const std::string unit = have_one_unit(outputs) ? report_unit(outputs[0].unit) : "";
  const auto one = [&](const std::string& title, const std::string& of, const std::string& column,
                       bool from_zero = false) {
    return figure(comparison, histories, {title, of, {}, {}, from_zero}, column);
  };
  std::string html = one("Validation MAE", unit, "val_mae") + one("Training MAE", unit, "mae") +
                     one("Validation loss", "", "val_loss") + one("Training loss", "", "loss");
  if (outputs.size() > 1 && outputs.size() <= kMostOutputs) {
    for (const OutputConfig& output : outputs) {
      html += one("Validation MAE of " + output.name, report_unit(output.unit),
                  "val_" + output.name + "_mae");
    }
  }
  html += one("Learning rate", "", "learning_rate", true);
  return heading("curves", "Curves") + "<p>By epoch.</p><div class=\"charts\">" + html + "</div>";
}

}  // namespace

std::string to_html(const RunComparison& comparison) {
  const std::string body =
      contents_html(
          {{"results", "Results"}, {"differences", "What differs"}, {"curves", "Curves"}}) +
      results_section(comparison) + differences_section(comparison) + curves_section(comparison);
  return html_page(
      "Comparison of " + counted(static_cast<std::int64_t>(comparison.runs.size()), "run"),
      "Made by mobireg-compare from the runs' folders.", body);
}

}  // namespace mobireg
