#include "inspect/row_report.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "config/output_kinds.h"
#include "inspect/statistics.h"
#include "mobireg/config/units.h"
#include "page/picture.h"

namespace mobireg {
namespace {

constexpr std::size_t kShownOutliers = 24;
constexpr std::size_t kExtremeOutputs = 8;
constexpr std::size_t kExtremeRows = 6;  // at either end
constexpr std::size_t kShownGroups = 36;
constexpr int kShownNearWithin = 12;   // near pairs on one side of the split
constexpr std::size_t kShownRows = 4;  // of a group

struct Scored {
  std::int64_t row = 0;
  std::size_t output = 0;
  double score = 0;
};

/// Each row's furthest label. Data sets differ, so each is judged by itself.
std::vector<Scored> furthest_labels(const RowTable& table) {
  std::vector<Scored> furthest(table.rows.size());
  for (std::size_t output = 0; output < table.outputs.size(); ++output) {
    for (int set = 0; set < static_cast<int>(table.sets.size()); ++set) {
      std::vector<double> values;
      std::vector<std::size_t> rows;
      for (std::size_t i = 0; i < table.rows.size(); ++i) {
        if (table.rows[i].set != set) continue;
        values.push_back(table.rows[i].targets[output]);
        rows.push_back(i);
      }
      const std::vector<double> scores = robust_scores(values);
      for (std::size_t k = 0; k < rows.size(); ++k) {
        if (scores[k] <= furthest[rows[k]].score) continue;
        furthest[rows[k]] = {static_cast<std::int64_t>(rows[k]), output, scores[k]};
      }
    }
  }
  return furthest;
}

const TableRow& row_at(const RowTable& table, std::int64_t row) {
  return table.rows[static_cast<std::size_t>(row)];
}

bool is_trained_on(const TableRow& row) { return row.split == RowSplit::kTrain; }

/// Training rows beside rows that are judged on.
bool is_across(const RowTable& table, const std::vector<std::int64_t>& rows) {
  const auto trained = std::count_if(rows.begin(), rows.end(), [&](std::int64_t row) {
    return is_trained_on(row_at(table, row));
  });
  return trained > 0 && trained < static_cast<std::ptrdiff_t>(rows.size());
}

/// Whether two labels of the same picture cannot both be right; a missing one contradicts nothing.
bool contradict(const std::vector<float>& a, const std::vector<float>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double tolerance = 1e-4 * std::max(1.0F, std::abs(a[i]));
    if (std::abs(a[i] - b[i]) > tolerance) return true;
  }
  return false;
}

bool has_conflict(const RowTable& table, const ExactGroup& group) {
  return std::any_of(group.begin() + 1, group.end(), [&](std::int64_t row) {
    return contradict(row_at(table, group[0]).targets, row_at(table, row).targets);
  });
}

/// A group before its pictures are read.
struct Group {
  DuplicateGroup group;
  std::vector<std::int64_t> rows;
};

/// Rows of both sides of the split among the first ones.
void put_both_sides_first(const RowTable& table, std::vector<std::int64_t>& rows) {
  const bool first = is_trained_on(row_at(table, rows[0]));
  const auto other = std::find_if(rows.begin(), rows.end(), [&](std::int64_t row) {
    return is_trained_on(row_at(table, row)) != first;
  });
  if (other != rows.end()) std::rotate(rows.begin() + 1, other, other + 1);
}

std::vector<Group> groups_of(const RowTable& table, const std::vector<ExactGroup>& exact,
                             const std::vector<NearPair>& near) {
  std::vector<Group> groups;
  for (const ExactGroup& rows : exact) {
    DuplicateGroup group;
    group.exact = true;
    group.across_split = is_across(table, rows);
    group.conflict = has_conflict(table, rows);
    group.rows = static_cast<std::int64_t>(rows.size());
    groups.push_back({group, rows});
    put_both_sides_first(table, groups.back().rows);
  }
  for (const NearPair& pair : near) {
    DuplicateGroup group;
    group.mirrored = pair.mirrored;
    group.distance = pair.distance;
    group.similarity = pair.correlation;
    group.across_split = is_across(table, {pair.first, pair.second});
    group.rows = 2;
    groups.push_back({group, {pair.first, pair.second}});
  }
  std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
    const auto rank = [](const DuplicateGroup& group) {
      return std::make_tuple(!group.across_split, !group.conflict, !group.exact, -group.similarity);
    };
    return rank(a.group) < rank(b.group);
  });
  return groups;
}

void count(const RowTable& table, const std::vector<Group>& groups, DuplicateReport& report) {
  std::set<std::int64_t> seen;
  for (const Group& item : groups) {
    const DuplicateGroup& group = item.group;
    if (group.exact) {
      ++report.exact_groups;
      report.exact_rows += group.rows;
      report.exact_across += group.across_split;
      report.conflicts += group.conflict;
    } else {
      ++report.near_pairs;
      report.near_across += group.across_split;
    }
    if (!group.across_split) continue;
    for (const std::int64_t row : item.rows) {
      if (!is_trained_on(row_at(table, row))) seen.insert(row);
    }
  }
  report.judged_rows_seen_in_training = static_cast<std::int64_t>(seen.size());
}

std::vector<std::int64_t> present_rows(const RowTable& table, std::size_t output,
                                       bool only_trained_on) {
  std::vector<std::int64_t> rows;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    if (std::isnan(table.rows[i].targets[output])) continue;
    if (only_trained_on && !is_trained_on(table.rows[i])) continue;
    rows.push_back(static_cast<std::int64_t>(i));
  }
  std::stable_sort(rows.begin(), rows.end(), [&](std::int64_t a, std::int64_t b) {
    return row_at(table, a).targets[output] < row_at(table, b).targets[output];
  });
  return rows;
}

std::vector<ShownRow> show_all(const std::vector<std::int64_t>& rows, const ShowRow& show) {
  std::vector<ShownRow> shown;
  for (const std::int64_t row : rows) shown.push_back(show(row));
  return shown;
}

}  // namespace

void report_outliers(const RowTable& table, const ShowRow& show, Inspection& inspection) {
  std::vector<Scored> outliers;
  for (const Scored& label : furthest_labels(table)) {
    if (label.score > kOutlierScore) outliers.push_back(label);
  }
  inspection.outlier_rows = static_cast<std::int64_t>(outliers.size());
  std::stable_sort(outliers.begin(), outliers.end(),
                   [](const Scored& a, const Scored& b) { return a.score > b.score; });
  outliers.resize(std::min(outliers.size(), kShownOutliers));
  for (const Scored& label : outliers) {
    const OutputConfig& output = table.outputs[label.output];
    const double value =
        report_factor(output.unit) * row_at(table, label.row).targets[label.output];
    inspection.outliers.push_back({show(label.row), output.name, value, label.score});
  }
}

std::vector<Extremes> extreme_rows(const RowTable& table, const ShowRow& show) {
  std::vector<Extremes> all;
  for (std::size_t i = 0; i < table.outputs.size() && all.size() < kExtremeOutputs; ++i) {
    const OutputConfig& output = table.outputs[i];
    if (output.kind == OutputKind::kX || output.kind == OutputKind::kY) continue;
    std::vector<std::int64_t> rows = present_rows(table, i, false);
    const std::size_t each = std::min(kExtremeRows, rows.size() / 2);
    if (each == 0) continue;
    const auto middle = static_cast<std::ptrdiff_t>(each);
    all.push_back({output.name, show_all({rows.begin(), rows.begin() + middle}, show),
                   show_all({rows.rbegin(), rows.rbegin() + middle}, show)});
  }
  return all;
}

DuplicateReport report_duplicates(const RowTable& table, std::vector<ImageSignature> signatures,
                                  const ShowRow& show, int threads) {
  ComparedRows compared{std::move(signatures), {}};
  for (const TableRow& row : table.rows) compared.is_trained_on.push_back(is_trained_on(row));
  const std::vector<ExactGroup> exact = find_exact_duplicates(compared.signatures);
  const NearPairs near = find_near_duplicates(compared, exact, threads);
  std::vector<Group> groups = groups_of(table, exact, near.pairs);
  DuplicateReport report;
  report.is_complete = near.is_complete;
  count(table, groups, report);
  int near_within = 0;
  for (Group& item : groups) {
    const bool is_minor = !item.group.exact && !item.group.across_split;
    if (report.shown.size() == kShownGroups || (is_minor && ++near_within > kShownNearWithin))
      break;
    item.rows.resize(std::min(item.rows.size(), kShownRows));
    item.group.shown = show_all(item.rows, show);
    report.shown.push_back(std::move(item.group));
  }
  return report;
}

std::vector<std::int64_t> sample_rows(const RowTable& table, int count) {
  const auto yaw = outputs_of_kind(table.outputs, OutputKind::kYaw);
  const std::size_t output = yaw.empty() ? 0 : yaw[0];
  std::vector<std::int64_t> rows = present_rows(table, output, true);
  if (rows.empty()) return {};
  const auto value = [&](std::int64_t row) {
    return static_cast<double>(row_at(table, row).targets[output]);
  };
  const auto beyond = static_cast<std::ptrdiff_t>(rows.size() / 100);  // may be outliers
  const double low = value(rows.begin()[beyond]), high = value(rows.rbegin()[beyond]);
  std::vector<std::int64_t> chosen;
  for (int i = 0; i < count && !rows.empty(); ++i) {
    const double wanted = count > 1 ? low + (high - low) * i / (count - 1) : (low + high) / 2;
    const auto nearest = std::min_element(rows.begin(), rows.end(), [&](auto a, auto b) {
      return std::abs(value(a) - wanted) < std::abs(value(b) - wanted);
    });
    chosen.push_back(*nearest);
    rows.erase(nearest);
  }
  return chosen;
}

}  // namespace mobireg
