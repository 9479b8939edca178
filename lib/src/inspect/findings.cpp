#include "inspect/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "inspect/label_report.h"
#include "mobireg/config/units.h"
#include "page/html_text.h"

namespace mobireg {
namespace {

constexpr double kFarBeyond = 0.5;  // of the image, for points outside of it
constexpr double kNotFar = 0.05;    // of the training rows' range, for labels outside of it
constexpr std::size_t kNamed = 4;   // names in a message

class Findings {
 public:
  void warn(std::string what, std::string what_to_do) {
    warnings_.push_back({Finding::Kind::kWarning, std::move(what), std::move(what_to_do)});
  }
  void note(std::string what, std::string what_to_do) {
    notes_.push_back({Finding::Kind::kNote, std::move(what), std::move(what_to_do)});
  }
  std::vector<Finding> all() && {
    warnings_.insert(warnings_.end(), notes_.begin(), notes_.end());
    return std::move(warnings_);
  }

 private:
  std::vector<Finding> warnings_, notes_;
};

/// "a, b, c, d and 3 more".
std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kNamed); ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > kNamed) text += fmt::format(" and {} more", names.size() - kNamed);
  return text;
}

const char* have(std::int64_t number) { return number == 1 ? " has " : " have "; }

std::int64_t rows_of(const Inspection& inspection, RowSplit split) {
  std::int64_t rows = 0;
  for (const SetCounts& set : inspection.sets) rows += set.rows[static_cast<std::size_t>(split)];
  return rows;
}

std::string in_set(const Inspection& inspection, int set) {
  if (inspection.sets.size() < 2) return "";
  return " in " + inspection.sets[static_cast<std::size_t>(set)].csv;
}

/// Outputs of one set with the same mistake make one finding.
void check_units(const Inspection& inspection, Findings& findings) {
  for (int set = 0; set < static_cast<int>(inspection.sets.size()); ++set) {
    std::vector<std::string> names;
    const LabelSummary* first = nullptr;
    for (const LabelSummary& label : inspection.labels) {
      const bool differs = !label.guessed_unit.empty() && label.guessed_unit != label.declared_unit;
      if (label.set != set || !differs) continue;
      if (first == nullptr) first = &label;
      if (label.guessed_unit == first->guessed_unit) names.push_back(label.output);
    }
    if (first == nullptr) continue;
    findings.warn(
        fmt::format("Declared {}, but these look like {}: {}{}", first->declared_unit,
                    first->guessed_unit, listed(names), in_set(inspection, set)),
        fmt::format("Of {}, {}. Set \"units\" of the data set, or \"unit\" of the outputs.",
                    first->output, first->guess_reason));
  }
}

void check_full_turns(const Inspection& inspection, Findings& findings) {
  std::vector<std::string> names;
  for (const LabelSummary& label : inspection.labels) {
    if (label.is_full_turn) names.push_back(label.output + in_set(inspection, label.set));
  }
  if (names.empty()) return;
  findings.warn("Angles run from 0 to a full turn: " + listed(names),
                "Two views that differ by a degree then have labels a turn apart. Subtract a full "
                "turn from those beyond a half turn in the CSV.");
}

void check_values(const Inspection& inspection, Findings& findings) {
  std::vector<std::string> constant, missing;
  for (const LabelSummary& label : inspection.labels) {
    const std::string name = label.output + in_set(inspection, label.set);
    if (label.present > 1 && label.min == label.max) constant.push_back(name);
    if (label.missing > 0) missing.push_back(name);
  }
  if (!constant.empty()) {
    findings.warn("All labels are equal: " + listed(constant),
                  "Nothing can be learned from them. Check the column, or list the output as "
                  "\"missing\" in the data set.");
  }
  if (!missing.empty()) {
    findings.note("Labels are missing in some rows: " + listed(missing),
                  "They are left out of the loss and the metrics.");
  }
}

void check_rows(const Inspection& inspection, Findings& findings) {
  if (!inspection.unreadable.empty()) {
    const auto messages = static_cast<std::int64_t>(inspection.unreadable.size());
    findings.warn(counted(messages, "message") + " of rows that cannot be used",
                  "They are listed below. Correct the CSV or the files, or set "
                  "data.skip_bad_rows to train without them.");
  }
  if (rows_of(inspection, RowSplit::kValidation) == 0) {
    findings.note("No validation rows", "The best epoch cannot be chosen. Set data.validation.");
  }
}

void check_duplicates(const Inspection& inspection, Findings& findings) {
  const DuplicateReport& report = inspection.duplicates;
  if (report.judged_rows_seen_in_training > 0) {
    findings.warn(counted(report.judged_rows_seen_in_training, "validation or test row") +
                      (report.judged_rows_seen_in_training == 1 ? " is" : " are") +
                      " the same as, or like, a training row",
                  "They make results look better than they are. Name the person or photograph by "
                  "group_column or group_pattern, or remove the copies.");
  }
  if (report.conflicts > 0) {
    findings.warn(counted(report.conflicts, "image") + have(report.conflicts) +
                      "different labels in different rows",
                  "At most one can be right. They are among the duplicates below.");
  }
  if (report.exact_groups > report.exact_across) {
    const std::int64_t images = report.exact_groups - report.exact_across;
    findings.note(counted(images, "image") + (images == 1 ? " is" : " are") +
                      " in more than one row of the same side of the split",
                  "They count more than once. Remove the copies unless that is meant.");
  }
}

void check_outliers(const RowTable& table, const Inspection& inspection, Findings& findings) {
  if (inspection.outlier_rows == 0) return;
  const double share =
      100.0 * static_cast<double>(inspection.outlier_rows) / static_cast<double>(table.rows.size());
  if (share <= 2) {
    findings.warn(counted(inspection.outlier_rows, "row") + have(inspection.outlier_rows) +
                      "a label far from all others",
                  "Look at the outliers below: a slip in the CSV, or a rare but true pose.");
  } else {
    findings.note(fmt::format("{:.0f} % of the rows are far from the median", share),
                  "So many are a wide distribution and not slips.");
  }
}

void check_points(const RowTable& table, const RunConfig& config, Findings& findings) {
  const auto points = mean_points(table);
  if (points.empty()) return;
  std::vector<std::string> wrong;
  for (const std::size_t i : wrongly_mirrored_points(points, config.model.mirror_map)) {
    wrong.push_back(std::to_string(i));
  }
  if (!wrong.empty()) {
    findings.warn("model.mirror_map looks wrong at point " + listed(wrong),
                  "The mirrored mean face has another point there.");
  }
  std::vector<std::string> names;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto is_far = [](double value) { return value < -kFarBeyond || value > 1 + kFarBeyond; };
    if (is_far(points[i].first) || is_far(points[i].second)) names.push_back(std::to_string(i));
  }
  if (names.empty()) return;
  findings.warn("Points lie far outside of the image: " + listed(names),
                "On average. Check the unit, the box columns and the crop margin.");
}

/// A label that is judged on but not trained on.
void check_ranges(const RowTable& table, Findings& findings) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < table.outputs.size(); ++i) {
    double low = INFINITY, high = -INFINITY;
    std::int64_t judged = 0, beyond = 0;
    for (const TableRow& row : table.rows) {
      if (row.split != RowSplit::kTrain || std::isnan(row.targets[i])) continue;
      low = std::min<double>(low, row.targets[i]);
      high = std::max<double>(high, row.targets[i]);
    }
    const double margin = kNotFar * (high - low);
    for (const TableRow& row : table.rows) {
      if (row.split == RowSplit::kTrain || std::isnan(row.targets[i])) continue;
      ++judged;
      beyond += row.targets[i] < low - margin || row.targets[i] > high + margin;
    }
    if (judged > 0 && beyond * 100 > judged) names.push_back(table.outputs[i].name);
  }
  if (names.empty()) return;
  findings.warn("Validation or test rows have labels beyond all training rows: " + listed(names),
                "More than 1 % of them. A network does not learn what it is never shown: check how "
                "the rows are split.");
}

bool moves(const AugmentationConfig& augmentation) {
  return augmentation.rotation_range > 0 || augmentation.horizontal_flip ||
         augmentation.vertical_flip || augmentation.shear_range > 0;
}

void check_label_rule(const RunConfig& config, Findings& findings) {
  const bool is_geometric =
      std::any_of(config.model.outputs.begin(), config.model.outputs.end(),
                  [](const OutputConfig& output) { return output.kind != OutputKind::kPlain; });
  if (config.augmentation.labels == LabelRule::kFollow || !is_geometric ||
      !moves(config.augmentation)) {
    return;
  }
  findings.note("Labels stay when augmentation moves the image (labels: as_keras)",
                "As in Keras. The drawn axes or points are then off in the augmented samples; set "
                "augmentation.labels to follow unless results must match Keras.");
}

void check_plain_angles(const RunConfig& config, Findings& findings) {
  std::vector<std::string> names;
  for (const OutputConfig& output : config.model.outputs) {
    const bool is_named_so =
        output.name == "pitch" || output.name == "yaw" || output.name == "roll";
    if (is_named_so && output.kind == OutputKind::kPlain) names.push_back(output.name);
  }
  if (names.empty()) return;
  findings.warn("Named like an angle of the pose, but plain: " + listed(names),
                "Its label does not follow rotations and flips. Set its unit to radians or "
                "degrees, or its kind.");
}

}  // namespace

std::vector<std::size_t> wrongly_mirrored_points(
    const std::vector<std::pair<double, double>>& points, const std::vector<int>& mirror_map) {
  if (mirror_map.size() != points.size() || points.empty()) return {};
  double left = INFINITY, right = -INFINITY;
  for (const auto& [x, y] : points) {
    left = std::min(left, x);
    right = std::max(right, x);
  }
  const auto distance = [&](std::size_t mirrored, std::size_t other) {
    return std::hypot(left + right - points[mirrored].first - points[other].first,
                      points[mirrored].second - points[other].second);
  };
  std::vector<std::size_t> wrong;
  for (std::size_t i = 0; i < points.size(); ++i) {
    double nearest = INFINITY;
    for (std::size_t k = 0; k < points.size(); ++k) nearest = std::min(nearest, distance(i, k));
    const double partner = distance(i, static_cast<std::size_t>(mirror_map[i]));
    if (partner > nearest + 0.05 * (right - left)) wrong.push_back(i);
  }
  return wrong;
}

std::vector<Finding> find_what_needs_attention(const RowTable& table, const RunConfig& config,
                                               const Inspection& inspection) {
  Findings findings;
  check_units(inspection, findings);
  check_plain_angles(config, findings);
  check_full_turns(inspection, findings);
  check_rows(inspection, findings);
  check_duplicates(inspection, findings);
  check_ranges(table, findings);
  check_points(table, config, findings);
  check_values(inspection, findings);
  check_outliers(table, inspection, findings);
  check_label_rule(config, findings);
  return std::move(findings).all();
}

}  // namespace mobireg
