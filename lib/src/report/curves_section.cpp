#include <fmt/format.h>

#include <algorithm>

#include "mobireg/config/units.h"
#include "page/html_page.h"
#include "page/html_text.h"
#include "page/line_chart.h"
#include "report/report_sections.h"

namespace mobireg {
namespace {

constexpr std::size_t kMostOutputs = 8;  // with a line of their own
constexpr std::size_t kMostTableRows = 200;

constexpr const char* kTrain = "var(--train)";
constexpr const char* kValidation = "var(--validation)";

using Outputs = std::vector<OutputConfig>;

std::optional<double> best_epoch(const RunHistory& history) {
  const auto row = history.best_row();
  if (!row) return std::nullopt;
  return history.epoch(*row);
}

std::string unit_of(const Outputs& outputs) {
  return have_one_unit(outputs) ? report_unit(outputs[0].unit) : "";
}

/// One metric of the training and of the validation rows.
LineChart both_splits(const RunHistory& history, const std::string& title, const std::string& unit,
                      const std::string& metric) {
  LineChart chart{title, unit, {{"train", kTrain, history.curve(metric)}}, best_epoch(history)};
  if (history.has("val_" + metric)) {
    chart.lines.push_back({"validation", kValidation, history.curve("val_" + metric)});
  }
  return chart;
}

std::string figures(const RunHistory& history, const Outputs& outputs) {
  std::string html = line_figure(both_splits(history, "Loss", "", "loss"));
  html += line_figure(both_splits(history, "MAE", unit_of(outputs), "mae"));
  if (outputs.size() == 1 || outputs.size() > kMostOutputs) return html;
  const bool validated = history.has("val_mae");
  LineChart each{validated ? "Validation MAE by output" : "Training MAE by output",
                 unit_of(outputs),
                 {},
                 best_epoch(history)};
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    each.lines.push_back({outputs[k].name, line_colour(k, outputs.size()),
                          history.curve((validated ? "val_" : "") + outputs[k].name + "_mae")});
  }
  return html + line_figure(each);
}

std::string rate_figure(const RunHistory& history) {
  LineChart chart{"Learning rate",
                  "",
                  {{"at the epoch's end", kTrain, history.curve("learning_rate")}},
                  {},
                  true};
  return line_figure(chart);
}

std::string speed_figure(const std::vector<EpochTimesRow>& times) {
  LineChart chart{"Training speed", "images/s", {{"images/s", kTrain, {}}}, {}, true};
  for (const EpochTimesRow& row : times) {
    chart.lines[0].points.emplace_back(row.epoch, row.images_per_second);
  }
  return line_figure(chart);
}

std::string table(const RunHistory& history) {
  const std::vector<std::string> names{"epoch",    "loss",    "mae",
                                       "val_loss", "val_mae", "learning_rate"};
  std::vector<std::string> shown;
  std::vector<std::vector<double>> columns;
  for (const std::string& name : names) {
    if (!history.has(name)) continue;
    shown.push_back(name);
    columns.push_back(history.column(name));
  }
  const std::size_t every = std::max<std::size_t>(1, history.rows() / kMostTableRows);
  std::vector<std::vector<std::string>> rows;
  for (std::size_t row = (history.rows() - 1) % every; row < history.rows(); row += every) {
    rows.emplace_back();
    for (const auto& column : columns) rows.back().push_back(short_number(column[row]));
  }
  return folded("Numbers by epoch; metrics.csv has them all", table_html(shown, rows));
}

}  // namespace

std::string curves_section(const RunHistory& history, const std::vector<EpochTimesRow>& times,
                           const Outputs& outputs) {
  if (history.rows() == 0) return "";
  std::string html = heading("curves", "Curves");
  html +=
      "<p>By epoch. Training values are means over the epoch, with augmentation and dropout and "
      "while the weights were changing; validation values are of the weights at its end.";
  if (history.best_row()) html += " Dashed: the best epoch.";
  html += "</p><div class=\"charts\">" + figures(history, outputs) + rate_figure(history) +
          speed_figure(times) + "</div>";
  return html + table(history);
}

}  // namespace mobireg
