#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "inspect/page_images.h"
#include "mobireg/inspect/inspect.h"
#include "page/charts.h"
#include "page/html_page.h"
#include "page/html_text.h"

namespace mobireg {
namespace {

constexpr std::size_t kOpenRows = 12;  // of a table; longer ones are folded

std::string finding_html(const Finding& finding) {
  return fmt::format("<li class=\"{}\"><b>{}</b>{}</li>",
                     finding.kind == Finding::Kind::kWarning ? "warning" : "note",
                     escape_html(finding.what), escape_html(finding.what_to_do));
}

std::string verdict(const Inspection& inspection) {
  const auto warnings =
      std::count_if(inspection.findings.begin(), inspection.findings.end(),
                    [](const Finding& f) { return f.kind == Finding::Kind::kWarning; });
  std::string html = "<ul class=\"findings\" id=\"findings\">";
  if (warnings == 0) {
    html +=
        "<li class=\"ok\">Nothing was found that needs attention. Look at the pictures all the "
        "same: a wrong sign is for eyes to see.</li>";
  }
  return html + list_of(inspection.findings, finding_html) + "</ul>";
}

std::string contents(const Inspection& inspection) {
  return contents_html({{"rows", "Rows", true},
                        {"unreadable", "Unreadable rows", !inspection.unreadable.empty()},
                        {"labels", "Labels", true},
                        {"outliers", "Outliers", !inspection.outliers.empty()},
                        {"extremes", "Lowest and highest", !inspection.extremes.empty()},
                        {"duplicates", "Duplicates", true},
                        {"samples", "Augmented samples", !inspection.samples.empty()}});
}

std::string count_cell(const char* name, const SetCounts& set, std::size_t split) {
  const bool has_groups = set.groups[0] + set.groups[1] + set.groups[2] > 0;
  std::string text = with_commas(set.rows[split]);
  if (has_groups) text += fmt::format(" in {}", counted(set.groups[split], "group"));
  return table_cell(name, text);
}

std::string set_html(const SetCounts& set) {
  return "<tr>" + table_cell("data set", escape_html(set.csv)) + count_cell("train", set, 0) +
         count_cell("validation", set, 1) + count_cell("test", set, 2) + "</tr>";
}

std::string rows_section(const Inspection& inspection) {
  return heading("rows", "Rows") + "<table>" +
         table_head({"data set", "train", "validation", "test"}) + "<tbody>" +
         list_of(inspection.sets, set_html) + "</tbody></table>";
}

std::string message_html(const std::string& message) {
  return "<li>" + escape_html(message) + "</li>";
}

std::string unreadable_section(const Inspection& inspection) {
  const auto& messages = inspection.unreadable;
  if (messages.empty()) return "";
  const std::string list = "<ul class=\"lines\">" + list_of(messages, message_html) + "</ul>";
  std::string html = heading("unreadable", "Unreadable rows");
  if (messages.size() <= kOpenRows) return html + list;
  return html + folded(counted(static_cast<std::int64_t>(messages.size()), "message"), list);
}

std::string label_html(const LabelSummary& label, const std::vector<SetCounts>& sets) {
  std::string name = escape_html(label.output);
  if (sets.size() > 1) name += " in " + escape_html(sets[static_cast<std::size_t>(label.set)].csv);
  const bool differs = !label.guessed_unit.empty() && label.guessed_unit != label.declared_unit;
  const auto number = [&](const char* name, double value) {
    return table_cell(name, short_number(value));
  };
  return "<tr>" + table_cell("output", name) + table_cell("present", with_commas(label.present)) +
         table_cell("missing", with_commas(label.missing)) + number("min", label.min) +
         number("1 %", label.percentile_1) + number("median", label.median) +
         number("99 %", label.percentile_99) + number("max", label.max) +
         number("mean", label.mean) + number("std", label.std) +
         table_cell("declared", escape_html(label.declared_unit)) +
         table_cell("looks like",
                    label.guessed_unit.empty() ? "no telling" : escape_html(label.guessed_unit),
                    differs ? "bad" : "") +
         "</tr>";
}

std::string label_table(const Inspection& inspection) {
  const auto& labels = inspection.labels;
  const auto row = [&](const LabelSummary& label) { return label_html(label, inspection.sets); };
  const std::string table = "<table>" +
                            table_head({"output", "present", "missing", "min", "1 %", "median",
                                        "99 %", "max", "mean", "std", "declared", "looks like"}) +
                            "<tbody>" + list_of(labels, row) + "</tbody></table>";
  if (labels.size() <= kOpenRows) return table;
  return folded(fmt::format("Numbers of all {} columns", labels.size()), table);
}

std::string split_key(const Inspection& inspection) {
  PerSplit<std::int64_t> rows{};
  for (const SetCounts& set : inspection.sets) {
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i] += set.rows[i];
  }
  std::string html = "<p class=\"key\">";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const char* name = split_name(static_cast<RowSplit>(i));
    if (rows[i] == 0) continue;
    html += fmt::format("<span><i style=\"background:var(--{0})\"></i>{0}, {1}</span>", name,
                        counted(rows[i], "row"));
  }
  return html + "</p>";
}

std::string labels_section(const Inspection& inspection) {
  std::string html = heading("labels", "Labels");
  html +=
      "<p>As the network learns them, after each set's signs and offsets; angles in degrees. "
      "Histograms show percent of each split's own rows.</p>";
  html += label_table(inspection) + split_key(inspection);
  html += "<div class=\"charts\">" + list_of(inspection.histograms, histogram_figure) + "</div>";
  if (!inspection.pair_plots.empty()) {
    html += "<div class=\"charts\">" + list_of(inspection.pair_plots, pair_figure) + "</div>";
  }
  return html;
}

}  // namespace

std::string to_html(const Inspection& inspection) {
  return html_page("Inspection of " + inspection.source,
                   "The data as a run would see it, before the first epoch.",
                   verdict(inspection) + contents(inspection) + rows_section(inspection) +
                       unreadable_section(inspection) + labels_section(inspection) +
                       outliers_section(inspection) + extremes_section(inspection) +
                       duplicates_section(inspection) +
                       samples_section(inspection.samples, inspection.outputs));
}

}  // namespace mobireg
