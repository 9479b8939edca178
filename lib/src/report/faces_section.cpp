#include <fmt/format.h>

#include <cmath>

#include "config/output_kinds.h"
#include "inspect/augmented_samples.h"
#include "inspect/page_images.h"
#include "mobireg/config/units.h"
#include "mobireg/core/error.h"
#include "page/html_page.h"
#include "page/html_text.h"
#include "page/picture.h"
#include "report/report_sections.h"

namespace mobireg {
namespace {

constexpr std::size_t kWorst = 24;
constexpr std::size_t kMostValues = 4;  // under a face
constexpr int kSamples = 6;
constexpr int kDraws = 5;

using Outputs = std::vector<OutputConfig>;

std::string where(const DatasetRow& row) {
  return row.csv.filename().string() + ":" + std::to_string(row.line);
}

/// "yaw -60 → -22°": the values that are no coordinates, true and predicted.
std::string values_html(const JudgedRow& row, const Outputs& outputs) {
  std::string html;
  std::size_t count = 0;
  for (std::size_t k = 0; k < outputs.size() && count < kMostValues; ++k) {
    if (outputs[k].kind == OutputKind::kX || outputs[k].kind == OutputKind::kY) continue;
    if (std::isnan(row.targets[k])) continue;
    ++count;
    const double factor = report_factor(outputs[k].unit);
    const auto number = [&](float value) {
      return is_angle(outputs[k].unit) ? fmt::format("{}\xC2\xB0", std::lround(factor * value))
                                       : short_number(factor * value);
    };
    html +=
        fmt::format("<span>{}\xC2\xA0{}\xC2\xA0\xE2\x86\x92\xC2\xA0{}</span> ",
                    escape_html(outputs[k].name), number(row.targets[k]), number(row.predicted[k]));
  }
  return html;
}

std::string error_text(const JudgedRow& row, const Outputs& outputs) {
  if (!have_one_unit(outputs)) return short_number(row.error) + " times the usual error";
  if (is_angle(outputs[0].unit)) return fmt::format("off by {:.1f}\xC2\xB0", row.error);
  const std::string unit = report_unit(outputs[0].unit);
  if (unit == "image") return fmt::format("off by {:.1f} % of the image", 100 * row.error);
  return "off by " + short_number(row.error) + (unit.empty() ? "" : " " + unit);
}

/// Empty where the image cannot be read any more.
std::string face_cell(const JudgedRow& judged, const ImageRegressionDataset& rows,
                      const Outputs& outputs) {
  const DatasetRow& row = rows.row(judged.row);
  Image image;
  try {
    image = rows.input_image(judged.row);
  } catch (const Error&) {
    return "";
  }
  const LabelledImage truth{std::move(image), judged.targets};
  return fmt::format(
      "<div class=\"cell\">{}<b>{}</b><div class=\"num\">{}</div><small>{}<br>{}</small></div>",
      compared_svg(truth, judged.predicted, outputs, row.filename), error_text(judged, outputs),
      values_html(judged, outputs), escape_html(row.filename), escape_html(where(row)));
}

std::string legend(const Outputs& outputs) {
  std::string text;
  if (has_pose(outputs)) {
    text +=
        " Solid axes are predicted, dashed ones true: <span class=\"lz\">blue</span> where the "
        "nose points, <span class=\"ly\">green</span> out of the crown, <span class=\"lx\">red"
        "</span> through the ear.";
  }
  if (!outputs_of_kind(outputs, OutputKind::kX).empty()) {
    text += " Coloured points are predicted; a white line leads from each to the true one.";
  }
  return text;
}

}  // namespace

std::string worst_section(const JudgedEpoch& epoch, const ImageRegressionDataset& rows,
                          const Outputs& outputs) {
  if (epoch.epoch == 0) return "";
  std::string cells;
  for (const JudgedRow& row : worst_rows(epoch.judged, outputs, kWorst)) {
    cells += face_cell(row, rows, outputs);
  }
  return heading("worst", "The worst faces") +
         "<p>Validation rows with the largest mean error over their outputs, true and predicted "
         "values, and where they stand. Look for wrong labels among them." +
         legend(outputs) + "</p><div class=\"strip wide\">" + cells + "</div>";
}

std::string augmented_section(const ImageRegressionDataset& train, const RunConfig& config) {
  std::vector<AugmentedRow> samples;
  const std::int64_t count = std::min<std::int64_t>(kSamples, train.size());
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t place = i * train.size() / count;
    const DatasetRow& row = train.row(place);
    try {
      samples.push_back({{row.filename,
                          where(row),
                          RowSplit::kTrain,
                          {train.input_image(place), train.input_targets(place)}},
                         std::move(augmented_draws(train, config, {place}, kDraws)[0])});
    } catch (const Error&) {
      continue;  // training will say so
    }
  }
  return samples_section(samples, config.model.outputs);
}

}  // namespace mobireg
