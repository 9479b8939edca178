#include "data/checked_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/fail.h"
#include "core/parallel_for.h"
#include "data/split.h"
#include "mobireg/config/units.h"
#include "mobireg/core/text.h"

namespace mobireg {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

void add_problem(CheckedRow& row, const std::string& problem) {
  if (row.problem.empty()) row.problem = problem;
}

bool needs_size(const DataSetConfig& set) {
  return !set.box.empty() ||
         std::find(set.units.begin(), set.units.end(), Unit::kPixels) != set.units.end();
}

/// Width and height as the image is seen.
void read_header(const CheckRequest& request, const ImageFolder& folder, CheckedRow& checked) {
  const auto max_pixels = static_cast<std::uint64_t>(request.data.max_megapixels * 1e6);
  const ImageHeader header = folder.header(checked.row.filename, max_pixels);
  const bool lies = request.model.input.exif_orientation && header.orientation >= 5;
  checked.width = lies ? header.height : header.width;
  checked.height = lies ? header.width : header.height;
}

void check_headers(const CheckRequest& request, CheckedRows& rows) {
  if (!request.data.validate_filenames && !needs_size(request.set)) return;
  const auto check = [&](std::int64_t i) {
    CheckedRow& checked = rows.rows[static_cast<std::size_t>(i)];
    if (!checked.problem.empty()) return;
    try {
      read_header(request, *rows.folder, checked);
    } catch (const std::exception& error) {  // one bad file must not end the check of the others
      checked.problem = error.what();
    }
  };
  parallel_for(static_cast<std::int64_t>(rows.rows.size()), request.threads, check);
}

/// One column of labels: from the set's unit, sign and zero to the output's.
class LabelColumn {
 public:
  LabelColumn(const DataSetConfig& set, std::size_t column, const OutputConfig& output)
      : unit_(set.units.empty() ? output.unit : set.units[column]),
        output_(output),
        sign_(set.signs.empty() ? 1 : set.signs[column]),
        offset_(set.offsets.empty() ? 0 : set.offsets[column]) {}

  float target(double label, const CheckedRow& row) const {
    const double value = sign_ * label + offset_;
    if (is_angle(unit_)) return static_cast<float>(value * unit_factor(unit_, output_.unit));
    if (unit_ == output_.unit) return static_cast<float>(value);
    return static_cast<float>(value / (output_.kind == OutputKind::kY ? row.height : row.width));
  }

 private:
  Unit unit_;
  const OutputConfig& output_;
  double sign_;
  double offset_;
};

void read_labels(const CheckRequest& request, const DataFrame& frame, CheckedRows& rows) {
  const DataSetConfig& set = request.set;
  std::size_t column = 0;
  for (const OutputConfig& output : request.model.outputs) {
    if (std::find(set.missing.begin(), set.missing.end(), output.name) != set.missing.end()) {
      for (CheckedRow& checked : rows.rows) checked.row.targets.push_back(kMissing);
      continue;
    }
    const std::string& name = set.y_col[column];
    const LabelColumn labels(set, column++, output);
    const auto& numbers = frame.numbers_or_nan(name);
    const auto& texts = frame.strings(name);
    for (std::size_t i = 0; i < rows.rows.size(); ++i) {
      CheckedRow& checked = rows.rows[i];
      checked.row.targets.push_back(labels.target(numbers[i], checked));
      if (!std::isfinite(checked.row.targets.back())) {
        add_problem(checked, fmt::format("{} is {}, not a number", name, in_quotes(texts[i])));
      }
    }
  }
}

void read_weights(const CheckRequest& request, const DataFrame& frame, CheckedRows& rows) {
  const DataSetConfig& set = request.set;
  for (CheckedRow& checked : rows.rows) checked.row.weight = static_cast<float>(set.weight);
  if (set.weight_col.empty()) return;
  const auto& numbers = frame.numbers_or_nan(set.weight_col);
  const auto& texts = frame.strings(set.weight_col);
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    rows.rows[i].row.weight *= static_cast<float>(numbers[i]);
    if (std::isfinite(numbers[i]) && numbers[i] >= 0) continue;
    add_problem(rows.rows[i], fmt::format("{} is {}, not a weight of 0 or more", set.weight_col,
                                          in_quotes(texts[i])));
  }
}

void read_boxes(const CheckRequest& request, const DataFrame& frame, CheckedRows& rows) {
  const auto& columns = request.set.box;
  if (columns.empty()) return;
  const auto& left = frame.numbers_or_nan(columns[0]);
  const auto& top = frame.numbers_or_nan(columns[1]);
  const auto& right = frame.numbers_or_nan(columns[2]);
  const auto& bottom = frame.numbers_or_nan(columns[3]);
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    const double width = right[i] - left[i];
    const double height = bottom[i] - top[i];
    const double side = std::max(width, height);
    if (width > 0 && height > 0 && std::isfinite(side)) {
      rows.rows[i].box = {(left[i] + right[i] - side) / 2, (top[i] + bottom[i] - side) / 2, side};
    } else {
      add_problem(rows.rows[i],
                  fmt::format("the box {}, {}, {}, {} is no box; left < right and top < bottom "
                              "are needed, in pixels",
                              left[i], top[i], right[i], bottom[i]));
    }
  }
}

void read_groups(const DataSetConfig& set, const DataFrame& frame, CheckedRows& rows) {
  std::vector<std::string> groups;
  if (!set.group_column.empty()) {
    for (const std::string_view name : frame.strings(set.group_column)) groups.emplace_back(name);
  } else if (!set.group_pattern.empty()) {
    std::vector<std::string> filenames;
    for (const CheckedRow& checked : rows.rows) filenames.push_back(checked.row.filename);
    groups = groups_by_pattern(filenames, set.group_pattern);
  }
  for (std::size_t i = 0; i < groups.size(); ++i) rows.rows[i].row.group = std::move(groups[i]);
}

}  // namespace

CheckedRows check_rows(const CheckRequest& request, const DataFrame& frame,
                       const std::filesystem::path& directory) {
  const DataSetConfig& set = request.set;
  const std::filesystem::path csv =
      frame.source().empty() ? set.csv : std::filesystem::path(frame.source());
  if (frame.rows() == 0) fail("{}: it has no rows", csv.string());
  CheckedRows rows{{}, std::make_shared<const ImageFolder>(directory)};
  const auto& filenames = frame.strings(set.x_col);
  for (std::int64_t i = 0; i < frame.rows(); ++i) {
    CheckedRow checked;
    checked.row.filename = std::string(filenames[static_cast<std::size_t>(i)]);
    checked.row.csv = csv;
    checked.row.line = frame.row_line(i);
    checked.row.set = request.number;
    if (checked.row.filename.empty()) checked.problem = set.x_col + " is empty";
    rows.rows.push_back(std::move(checked));
  }
  check_headers(request, rows);
  read_labels(request, frame, rows);
  read_weights(request, frame, rows);
  read_boxes(request, frame, rows);
  read_groups(set, frame, rows);
  return rows;
}

}  // namespace mobireg
