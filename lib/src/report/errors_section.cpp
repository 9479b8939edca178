#include <fmt/format.h>

#include "mobireg/config/units.h"
#include "page/html_page.h"
#include "page/html_text.h"
#include "report/error_figures.h"
#include "report/report_sections.h"

namespace mobireg {
namespace {

constexpr std::size_t kMostCharts = 12;  // outputs with charts
constexpr std::size_t kOpenRows = 12;    // of the table; longer ones are folded

std::vector<std::string> table_row(const LabelPairs& pairs) {
  const ErrorSummary errors = summarize_errors(pairs);
  return {escape_html(pairs.title) + (pairs.unit.empty() ? "" : ", " + escape_html(pairs.unit)),
          short_number(errors.mae),
          short_number(errors.rmse),
          short_number(errors.median),
          short_number(errors.percentile_90),
          short_number(errors.largest),
          short_number(errors.bias),
          with_commas(errors.labels)};
}

std::string error_table(const std::vector<LabelPairs>& outputs) {
  std::vector<std::vector<std::string>> rows;
  for (const LabelPairs& pairs : outputs) rows.push_back(table_row(pairs));
  const std::string table = table_html(
      {"output", "MAE", "RMSE", "median", "90 %", "largest", "mean error", "labels"}, rows);
  if (rows.size() <= kOpenRows) return table;
  return folded(fmt::format("Numbers of all {} outputs", rows.size()), table);
}

std::string figures(const std::vector<LabelPairs>& charted,
                    std::string (*figure)(const LabelPairs&)) {
  return "<div class=\"charts\">" + list_of(charted, figure) + "</div>";
}

}  // namespace

std::string errors_section(const JudgedEpoch& epoch, const std::vector<OutputConfig>& outputs) {
  if (epoch.epoch == 0) return "";
  std::string html = heading("errors", "Errors on the validation rows");
  html += fmt::format(
      "<p>Of {} after epoch {}, {}. Median, 90 % and largest are of the absolute errors; the mean "
      "error is that of predicted minus true.</p>",
      counted(static_cast<std::int64_t>(epoch.judged.rows.size()), "row"), epoch.epoch,
      epoch.is_best ? "the best so far" : "the newest");
  html += error_table(pairs_by_output(epoch.judged, outputs));
  std::vector<LabelPairs> charted = pairs_by_chart(epoch.judged, outputs);
  charted.resize(std::min(charted.size(), kMostCharts));
  return html + "<h3>By the true value</h3>" + figures(charted, truth_figure) +
         "<h3>Predicted against true</h3>" + figures(charted, scatter_figure) +
         "<h3>How errors are spread</h3>" + figures(charted, error_histogram);
}

}  // namespace mobireg
