#include "report/report_page.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

#include "mobireg/config/units.h"
#include "page/html_page.h"
#include "page/html_text.h"

namespace mobireg {
namespace {

std::string fact(const std::string& value, const std::string& what) {
  return fmt::format("<div><b>{}</b>{}</div>", escape_html(value), escape_html(what));
}

std::string mae_text(const ReportState& state, double mae) {
  const auto& outputs = state.config.model.outputs;
  const std::string unit = have_one_unit(outputs) ? report_unit(outputs[0].unit) : "";
  if (unit == "deg") return short_number(mae) + "\xC2\xB0";
  return short_number(mae) + (unit.empty() ? "" : " " + unit);
}

std::string duration_text(const std::vector<EpochTimesRow>& times) {
  double seconds = 0;
  for (const EpochTimesRow& row : times) {
    for (const double part : {row.batches, row.steps, row.validation, row.report, row.other}) {
      if (part > 0) seconds += part;
    }
  }
  const auto minutes = static_cast<std::int64_t>(seconds / 60);
  if (minutes < 1) return fmt::format("{:.0f} s", seconds);
  if (minutes < 100) return fmt::format("{} min", minutes);
  return fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
}

std::string facts(const ReportState& state) {
  const RunHistory& history = state.history;
  const int epoch = history.rows() > 0 ? history.epoch(history.rows() - 1) : 0;
  std::string html = "<div class=\"facts\">";
  html += fact(fmt::format("{} of {}", epoch, state.config.training.epochs), "epochs");
  if (const auto best = history.best_row()) {
    html += fact(mae_text(state, history.column("val_mae")[*best]),
                 fmt::format("best validation MAE, epoch {}", history.epoch(*best)));
    html += fact(mae_text(state, history.column("val_mae").back()), "newest validation MAE");
  } else if (history.rows() > 0) {
    html += fact(mae_text(state, history.column("mae").back()), "newest training MAE");
  }
  const Datasets& sets = state.datasets;
  html += fact(fmt::format("{} / {} / {}", with_commas(sets.train.size()),
                           with_commas(sets.validation.size()), with_commas(sets.test.size())),
               "rows: train / validation / test");
  html += fact(with_commas(state.parameters), "parameters");
  if (!state.times.empty()) {
    html += fact(fmt::format("{:.0f}", state.times.back().images_per_second), "images/s");
    html += fact(duration_text(state.times), "in the epochs so far");
  }
  return html + "</div>";
}

std::string subtitle(const ReportState& state) {
  const std::string when = fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::localtime(std::time(nullptr)));
  return (state.ending.empty() ? "The run goes on; this is how it stood at "
                               : state.ending + " at ") +
         when + ". " + state.run_dir.string();
}

}  // namespace

std::string report_page(const ReportState& state) {
  const std::vector<OutputConfig>& outputs = state.config.model.outputs;
  const bool trained = state.history.rows() > 0;
  const bool judged = state.judged.epoch > 0;
  std::string body = facts(state);
  body += contents_html({{"curves", "Curves", trained},
                         {"errors", "Errors", judged},
                         {"worst", "The worst faces", judged},
                         {"samples", "Augmented samples", !state.augmented.empty()},
                         {"times", "Time per part", !state.times.empty()},
                         {"config", "Config"},
                         {"environment", "Environment"},
                         {"again", "To train the same again"}});
  if (trained && state.datasets.validation.size() == 0) {
    body += "<p>The run has no validation rows, so nothing tells how good it is on new faces.</p>";
  }
  body += curves_section(state.history, state.times, outputs) +
          errors_section(state.judged, outputs) +
          worst_section(state.judged, state.datasets.validation, outputs) + state.augmented +
          times_section(state.times) + origin_section(state.config, state.run_dir, state.threads);
  return html_page("Run " + state.run_dir.filename().string(), subtitle(state), body);
}

}  // namespace mobireg
