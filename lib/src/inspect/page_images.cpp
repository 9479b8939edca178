#include "inspect/page_images.h"

#include <fmt/format.h>

#include "config/output_kinds.h"
#include "page/html_page.h"
#include "page/html_text.h"
#include "page/picture.h"

namespace mobireg {
namespace {

using Outputs = std::vector<OutputConfig>;

std::string badge(RowSplit split) {
  return fmt::format("<span class=\"badge {0}\">{0}</span>", split_name(split));
}

/// One picture with its labels and `text` (HTML) below.
std::string cell(const LabelledImage& picture, const Outputs& outputs, const std::string& name,
                 const std::string& text) {
  const std::string labels = labels_html(picture, outputs);
  return fmt::format("<div class=\"cell\">{}{}{}</div>", picture_svg(picture, outputs, name),
                     labels.empty() ? "" : "<div class=\"num\">" + labels + "</div>",
                     text.empty() ? "" : "<small>" + text + "</small>");
}

std::string row_text(const ShownRow& row) {
  return fmt::format("{} {}<br>{}", badge(row.split), escape_html(row.filename),
                     escape_html(row.where));
}

std::string row_cell(const ShownRow& row, const Outputs& outputs, const std::string& first = "") {
  return cell(row.seen, outputs, row.filename,
              first.empty() ? row_text(row) : first + "<br>" + row_text(row));
}

std::string strip(const std::vector<ShownRow>& rows, const Outputs& outputs) {
  std::string html = "<div class=\"strip\">";
  for (const ShownRow& row : rows) html += row_cell(row, outputs);
  return html + "</div>";
}

std::string group_header(const DuplicateGroup& group) {
  std::string text =
      group.exact ? fmt::format("<b>Same pixels</b>, {}", counted(group.rows, "row"))
                  : fmt::format("<b>{}</b>, correlation {:.3f}",
                                group.mirrored ? "Alike when mirrored" : "Alike", group.similarity);
  if (group.across_split) text += ", <b>across the split</b>";
  if (group.conflict) text += ", <b>with different labels</b>";
  const auto left = group.rows - static_cast<std::int64_t>(group.shown.size());
  if (left > 0) text += fmt::format("; {} of them not shown", with_commas(left));
  return text;
}

std::string group_card(const DuplicateGroup& group, const Outputs& outputs) {
  std::string html = fmt::format("<div class=\"group\"><header>{}</header><div class=\"pair\">",
                                 group_header(group));
  for (const ShownRow& row : group.shown) html += row_cell(row, outputs);
  return html + "</div></div>";
}

std::string duplicates_summary(const DuplicateReport& report) {
  if (report.exact_groups == 0 && report.near_pairs == 0) return "<p>None were found.</p>";
  std::string html =
      fmt::format("<p>{} with the same pixels as another one, in {}; {} of near duplicates. ",
                  counted(report.exact_rows, "row"), counted(report.exact_groups, "group"),
                  counted(report.near_pairs, "pair"));
  if (!report.is_complete) {
    html += "There are more pairs: of rows with very many like them, not all are counted. ";
  }
  html += report.exact_across + report.near_across > 0
              ? fmt::format(
                    "<b>{} of the groups and {} of the pairs stand on both sides of the "
                    "split.</b> They come first.</p>",
                    with_commas(report.exact_across), with_commas(report.near_across))
              : "None of them across the split.</p>";
  return html;
}

std::string pose_legend() {
  return "<div class=\"legend\"><svg class=\"pic\" viewBox=\"0 0 100 100\" role=\"img\" "
         "aria-label=\"The axes of a head turned to the left\"><ellipse cx=\"50\" cy=\"52\" "
         "rx=\"25\" ry=\"33\" fill=\"#c9a58a\"/><ellipse cx=\"30\" cy=\"45\" rx=\"3\" ry=\"2.4\" "
         "fill=\"#222\"/><ellipse cx=\"46\" cy=\"45\" rx=\"3.6\" ry=\"2.4\" fill=\"#222\"/>"
         "<ellipse cx=\"39\" cy=\"69\" rx=\"7\" ry=\"2.2\" fill=\"#8c4a44\"/>" +
         axes_svg({0.1, 0.62, 0}, 50, 52, 42) +
         "</svg><ul>"
         "<li><span class=\"lz\">Blue</span> leaves the face where the nose points. To the wrong "
         "side: the sign of yaw. Up where the head looks down: the sign of pitch.</li>"
         "<li><span class=\"ly\">Green</span> leaves through the crown. It leans one way and the "
         "head the other: the sign of roll.</li>"
         "<li><span class=\"lx\">Red</span> leaves through the ear that is at the right of the "
         "picture when the head looks into the camera.</li>"
         "<li>All of them wrong everywhere: look at the unit. Right at the left and wrong in "
         "augmented draws: the labels do not follow. A set's <code>signs</code>, "
         "<code>offsets</code> and <code>units</code> put its labels right.</li></ul></div>";
}

std::string point_legend(std::size_t points) {
  std::string dots;
  for (std::size_t i = 0; i < 12 && i < points; ++i) {
    dots += fmt::format("<i style=\"background:{};border-radius:50%;margin-right:2px\"></i>",
                        point_colour(i, std::min<std::size_t>(points, 12)));
  }
  return fmt::format(
      "<p class=\"key\"><span>{} first to last point</span></p><p>Dots lie on the features they "
      "name, in every draw. In a mirrored draw the colours keep their order from left to right, as "
      "in the picture at the left: the reverse order means that <code>model.mirror_map</code> is "
      "wrong.</p>",
      dots);
}

std::string sample_row(const AugmentedRow& sample, const Outputs& outputs) {
  std::string html = "<div class=\"sample\">" + row_cell(sample.row, outputs);
  for (std::size_t i = 0; i < sample.draws.size(); ++i) {
    html +=
        cell(sample.draws[i], outputs, fmt::format("{}, draw {}", sample.row.filename, i + 1), "");
  }
  return html + "</div>";
}

}  // namespace

const char* split_name(RowSplit split) {
  constexpr PerSplit<const char*> kNames{"train", "validation", "test"};
  return kNames[static_cast<std::size_t>(split)];
}

std::string outliers_section(const Inspection& inspection) {
  if (inspection.outliers.empty()) return "";
  std::string html = heading("outliers", "Outliers");
  html += fmt::format(
      "<p>{} with a label more than 6 robust standard deviations from its median (median absolute "
      "deviation, each data set by itself); the furthest first. Not wrong by that alone: look at "
      "them.</p><div class=\"strip\">",
      counted(inspection.outlier_rows, "row"));
  for (const Outlier& outlier : inspection.outliers) {
    html += row_cell(outlier.row, inspection.outputs,
                     fmt::format("<b>{} {}</b>, {:.0f} deviations off", escape_html(outlier.output),
                                 short_number(outlier.value), outlier.score));
  }
  return html + "</div>";
}

std::string extremes_section(const Inspection& inspection) {
  if (inspection.extremes.empty()) return "";
  std::string html = heading("extremes", "Lowest and highest labels");
  for (const Extremes& extremes : inspection.extremes) {
    const std::string name = escape_html(extremes.output);
    html += fmt::format(
        "<div class=\"ends\"><div><h3>Lowest {}</h3>{}</div><div><h3>Highest {}</h3>{}</div></div>",
        name, strip(extremes.lowest, inspection.outputs), name,
        strip(extremes.highest, inspection.outputs));
  }
  return html;
}

std::string duplicates_section(const Inspection& inspection) {
  const DuplicateReport& report = inspection.duplicates;
  std::string html = heading("duplicates", "Duplicates") + duplicates_summary(report);
  if (report.shown.empty()) return html;
  html += "<div class=\"groups\">";
  for (const DuplicateGroup& group : report.shown) html += group_card(group, inspection.outputs);
  return html + "</div>";
}

std::string samples_section(const std::vector<AugmentedRow>& samples, const Outputs& outputs) {
  if (samples.empty()) return "";
  std::string html = heading("samples", "Training samples, augmented");
  html +=
      "<p>Left: the image as evaluation sees it. Right: draws of the augmentation, as training "
      "sees them before standardisation, with the labels that go with them.</p>";
  if (has_pose(outputs)) html += pose_legend();
  const auto points = outputs_of_kind(outputs, OutputKind::kX).size();
  if (points > 0) html += point_legend(points);
  for (const AugmentedRow& sample : samples) html += sample_row(sample, outputs);
  return html;
}

}  // namespace mobireg
