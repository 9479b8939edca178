// What a page says needs attention.

#include "inspect/findings.h"

#include <algorithm>
#include <limits>

#include "inspect/label_report.h"
#include "inspect/small_table.h"

namespace mobireg {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

/// A table with nothing to find fault with, and the inspection of it.
struct Case {
  explicit Case(float factor = 1) : table(table_of(kPoseInDegrees)) {
    config.model.outputs = kPoseInDegrees;
    for (int i = 0; i < 200; ++i) {
      const auto split = i % 10 == 0 ? RowSplit::kValidation : RowSplit::kTrain;
      add_row(
          table,
          {factor * float(i % 41 - 20), factor * float(i % 101 - 50), factor * float(i % 21 - 10)},
          split);
    }
  }

  std::vector<std::string> found() {
    inspection.sets.resize(table.sets.size());
    for (std::size_t i = 0; i < table.sets.size(); ++i) {
      inspection.sets[i].csv = "set" + std::to_string(i) + ".csv";
    }
    for (const TableRow& row : table.rows) {
      ++inspection.sets[std::size_t(row.set)].rows[std::size_t(row.split)];
    }
    inspection.labels = summarize_labels(table);
    std::vector<std::string> texts;
    for (const Finding& finding : find_what_needs_attention(table, config, inspection)) {
      CHECK_FALSE(finding.what_to_do.empty());
      const bool is_warning = finding.kind == Finding::Kind::kWarning;
      texts.push_back((is_warning ? "warning: " : "note: ") + finding.what);
    }
    return texts;
  }

  RowTable table;
  RunConfig config;
  Inspection inspection;
};

using Texts = std::vector<std::string>;

TEST_CASE("sound data has no findings") { CHECK(Case().found().empty()); }

TEST_CASE("degrees that are declared radians are found out") {
  Case c(57.29578F);  // how the labels come out
  for (OutputConfig& output : c.table.outputs) output.unit = Unit::kDegrees;
  c.table.sets[0].units = {Unit::kRadians, Unit::kRadians, Unit::kRadians};
  CHECK(c.found() ==
        Texts{"warning: Declared radians, but these look like degrees: pitch, yaw, roll"});
}

TEST_CASE("radians that are declared degrees are found out, in the set that has them") {
  Case c;
  c.table.sets.resize(2);
  for (int i = 0; i < 200; ++i) {
    add_row(c.table, {0.01F * float(i % 7), 0.01F * float(i % 100), 0.1F}, RowSplit::kTrain, 1);
  }
  c.table.rows.back().targets[2] = 0.2F;
  const Texts found = c.found();
  REQUIRE(found.size() == 1);
  CHECK(found[0] ==
        "warning: Declared degrees, but these look like radians: pitch, yaw, roll in set1.csv");
}

TEST_CASE("a full turn is found out") {
  Case c;
  for (TableRow& row : c.table.rows) {
    if (row.labels[1] < 0) row.targets[1] = row.labels[1] += 360;
  }
  CHECK(c.found() == Texts{"warning: Angles run from 0 to a full turn: yaw"});
}

TEST_CASE("constant and missing labels are found out") {
  Case c;
  for (TableRow& row : c.table.rows) row.targets[2] = row.labels[2] = 4;
  c.table.rows[5].targets[0] = kMissing;
  CHECK(c.found() == Texts{"warning: All labels are equal: roll",
                           "note: Labels are missing in some rows: pitch"});
}

TEST_CASE("unreadable rows and a missing validation set are found out") {
  Case c;
  c.inspection.unreadable = {"a", "b"};
  for (TableRow& row : c.table.rows) row.split = RowSplit::kTrain;
  CHECK(c.found() ==
        Texts{"warning: 2 messages of rows that cannot be used", "note: No validation rows"});
}

TEST_CASE("duplicates are found out") {
  Case c;
  c.inspection.duplicates.judged_rows_seen_in_training = 1;
  c.inspection.duplicates.conflicts = 2;
  c.inspection.duplicates.exact_groups = 5;
  c.inspection.duplicates.exact_across = 2;
  CHECK(c.found() ==
        Texts{"warning: 1 validation or test row is the same as, or like, a training row",
              "warning: 2 images have different labels in different rows",
              "note: 3 images are in more than one row of the same side of the split"});
}

TEST_CASE("few outliers are slips, many are a distribution") {
  Case c;
  c.inspection.outlier_rows = 4;
  CHECK(c.found() == Texts{"warning: 4 rows have a label far from all others"});
  Case d;
  d.inspection.outlier_rows = 10;
  CHECK(d.found() == Texts{"note: 5 % of the rows are far from the median"});
}

TEST_CASE("labels that are judged on and never trained on are found out") {
  Case c;
  c.table.rows[10].targets[1] = c.table.rows[10].labels[1] = 70;
  CHECK(c.found() ==
        Texts{"warning: Validation or test rows have labels beyond all training rows: yaw"});
}

TEST_CASE("labels that stay where the image moves are noted") {
  Case c;
  c.config.augmentation.labels = LabelRule::kAsKeras;
  CHECK(c.found().empty());
  c.config.augmentation.rotation_range = 10;
  CHECK(c.found() ==
        Texts{"note: Labels stay when augmentation moves the image (labels: as_keras)"});
}

TEST_CASE("a pose without a unit is found out") {
  Case c;
  c.config.model.outputs[1].kind = OutputKind::kPlain;
  CHECK(c.found() == Texts{"warning: Named like an angle of the pose, but plain: yaw"});
}

TEST_CASE("points far outside of the image are found out") {
  Case c;
  c.table = table_of({{"x0", Unit::kImage, OutputKind::kX}, {"y0", Unit::kImage, OutputKind::kY}});
  for (int i = 0; i < 20; ++i) {
    add_row(c.table, {1.7F + 0.001F * float(i), 0.5F + 0.01F * float(i)},
            i > 0 && i < 4 ? RowSplit::kValidation : RowSplit::kTrain);
  }
  CHECK(c.found() == Texts{"warning: Points lie far outside of the image: 0"});
}

TEST_CASE("a mirror map that swaps the wrong points is found out") {
  // Eyes, nose, corners of the mouth.
  const std::vector<std::pair<double, double>> face{
      {0.3, 0.3}, {0.7, 0.32}, {0.5, 0.5}, {0.35, 0.7}, {0.66, 0.7}};
  CHECK(wrongly_mirrored_points(face, {1, 0, 2, 4, 3}).empty());
  CHECK(wrongly_mirrored_points(face, {0, 1, 2, 3, 4}) == std::vector<std::size_t>{0, 1, 3, 4});
  CHECK(wrongly_mirrored_points(face, {3, 4, 2, 0, 1}) == std::vector<std::size_t>{0, 1, 3, 4});
  CHECK(wrongly_mirrored_points(face, {}).empty());
}

}  // namespace
}  // namespace mobireg
