// Which rows a page shows.

#include "inspect/row_report.h"

#include <limits>

#include "inspect/small_table.h"

namespace mobireg {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
const std::vector<OutputConfig> kAge{{"age", Unit::kNone, OutputKind::kPlain}};

std::vector<std::string> names_of(const std::vector<ShownRow>& rows) {
  std::vector<std::string> names;
  for (const ShownRow& row : rows) names.push_back(row.filename);
  return names;
}

/// Ages 0 to n - 1, the last third of the rows for validation.
RowTable ages(int n) {
  RowTable table = table_of(kAge);
  for (int i = 0; i < n; ++i) {
    add_row(table, {float(i)}, i * 3 < n * 2 ? RowSplit::kTrain : RowSplit::kValidation);
  }
  return table;
}

ImageSignature signature(std::uint8_t digest, std::uint64_t hash = 0) {
  ImageSignature result;
  result.digest[0] = digest;
  result.hash = hash != 0 ? hash : 0x0123456789abcdefULL * (2U * digest + 1U);
  result.mirrored_hash = ~result.hash;
  result.patch.fill(3);
  return result;
}

TEST_CASE("an outlier is told with its output, value and score, the furthest first") {
  RowTable table = table_of(kPoseInDegrees);
  for (int i = 0; i < 60; ++i) add_row(table, {float(i % 7), float(i % 5), float(i % 3)});
  table.rows[4].targets[1] = 90;
  table.rows[9].targets[2] = -400;
  Inspection inspection;
  report_outliers(table, show_rows(table), inspection);
  CHECK(inspection.outlier_rows == 2);
  REQUIRE(inspection.outliers.size() == 2);
  CHECK(inspection.outliers[0].row.filename == "9.png");
  CHECK(inspection.outliers[0].output == "roll");
  CHECK(inspection.outliers[0].value == -400);
  CHECK(inspection.outliers[1].output == "yaw");
  CHECK(inspection.outliers[1].score > kOutlierScore);
}

TEST_CASE("data sets are judged apart, each by its own spread") {
  RowTable table = table_of(kAge);
  table.sets.resize(2);
  for (int i = 0; i < 100; ++i) {
    add_row(table, {float(i % 5)}, RowSplit::kTrain, 0);
    add_row(table, {1000 + float(i % 5)}, RowSplit::kTrain, 1);
  }
  Inspection inspection;
  report_outliers(table, show_rows(table), inspection);
  CHECK(inspection.outlier_rows == 0);
  table.rows[0].targets[0] = 1000;
  report_outliers(table, show_rows(table), inspection);
  CHECK(inspection.outlier_rows == 1);
}

TEST_CASE("extremes are the rows at both ends, without missing labels") {
  RowTable table = ages(40);
  table.rows[0].targets[0] = kMissing;
  const std::vector<Extremes> extremes = extreme_rows(table, show_rows(table));
  REQUIRE(extremes.size() == 1);
  CHECK(extremes[0].output == "age");
  CHECK(names_of(extremes[0].lowest) ==
        std::vector<std::string>{"1.png", "2.png", "3.png", "4.png", "5.png", "6.png"});
  CHECK(names_of(extremes[0].highest) ==
        std::vector<std::string>{"39.png", "38.png", "37.png", "36.png", "35.png", "34.png"});
}

TEST_CASE("samples are spread over the training rows' labels") {
  const RowTable table = ages(90);  // rows 0 to 59 are trained on
  CHECK(sample_rows(table, 3) == std::vector<std::int64_t>{0, 29, 59});
  CHECK(sample_rows(table, 1000).size() == 60);
  CHECK(sample_rows(table, 0).empty());
  CHECK(sample_rows(table_of(kAge), 3).empty());
}

TEST_CASE("samples are chosen by yaw where there is one") {
  RowTable table = table_of(kPoseInDegrees);
  for (int i = 0; i < 50; ++i) add_row(table, {0, float(-i), float(i % 4)});
  CHECK(sample_rows(table, 2) == std::vector<std::int64_t>{49, 0});
}

TEST_CASE("duplicates across the split come first, then those that contradict each other") {
  RowTable table = ages(9);  // 6 to 8 for validation
  table.rows[3].targets = table.rows[0].targets;
  table.rows[8].targets = table.rows[5].targets;
  std::vector<ImageSignature> signatures;
  for (const int digest : {1, 2, 2, 1, 3, 4, 5, 6, 4}) {
    signatures.push_back(signature(static_cast<std::uint8_t>(digest)));
  }
  const DuplicateReport report = report_duplicates(table, signatures, show_rows(table), 1);
  CHECK(report.exact_groups == 3);
  CHECK(report.exact_rows == 6);
  CHECK(report.exact_across == 1);
  CHECK(report.conflicts == 1);
  CHECK(report.judged_rows_seen_in_training == 1);
  REQUIRE(report.shown.size() == 3);
  CHECK(names_of(report.shown[0].shown) == std::vector<std::string>{"5.png", "8.png"});
  CHECK(names_of(report.shown[1].shown) == std::vector<std::string>{"1.png", "2.png"});
  CHECK(report.shown[1].conflict);
  CHECK_FALSE(report.shown[2].conflict);
}

TEST_CASE("validation rows that training has seen are counted once each") {
  const RowTable table = ages(6);
  const std::uint64_t near_to_first = signature(1).hash ^ 5;
  const DuplicateReport report =
      report_duplicates(table,
                        {signature(1), signature(1), signature(2), signature(3), signature(1),
                         signature(9, near_to_first)},
                        show_rows(table), 1);
  CHECK(report.exact_across == 1);
  CHECK(report.near_across == 1);
  CHECK(report.judged_rows_seen_in_training == 2);
  REQUIRE(report.shown.size() == 3);  // the group, 5 beside 0, and 5 beside 4
  CHECK(report.shown[0].exact);
  CHECK(report.shown[0].across_split);
  CHECK(names_of(report.shown[0].shown) == std::vector<std::string>{"0.png", "4.png", "1.png"});
  CHECK(report.shown[1].across_split);
  CHECK(report.shown[1].distance == 2);
  CHECK_FALSE(report.shown[2].across_split);
}

TEST_CASE("a missing label contradicts nothing, and neither does rounding") {
  RowTable table = table_of(kAge);
  for (const float age : {20.0F, kMissing, 20.0005F}) add_row(table, {age});
  const DuplicateReport report =
      report_duplicates(table, {signature(1), signature(1), signature(1)}, show_rows(table), 1);
  CHECK(report.exact_groups == 1);
  CHECK(report.conflicts == 0);
}

TEST_CASE("labels are taken back to how the CSV has them") {
  RowTable table = table_of(kPoseInDegrees);
  DataSetConfig& set = table.sets[0];
  set.missing = {"pitch"};
  set.units = {Unit::kRadians, Unit::kDegrees};
  set.signs = {-1, 1};
  set.offsets = {0, 10};
  add_row(table, {kMissing, 57.29578F, 15});
  CHECK(declared_unit(table, 0, 1) == Unit::kRadians);
  CHECK(declared_unit(table, 0, 2) == Unit::kDegrees);
  CHECK(labels_as_written(table, 0, 0).empty());
  CHECK(labels_as_written(table, 0, 1).at(0) == Approx(-1));
  CHECK(labels_as_written(table, 0, 2).at(0) == Approx(5));
}

}  // namespace
}  // namespace mobireg
