#include "data/split.h"

#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include "mobireg/core/random.h"

namespace mobireg {
namespace {

using Rows = std::vector<std::int64_t>;

std::size_t share_of(const Rows& rows, double fraction) {
  return static_cast<std::size_t>(static_cast<double>(rows.size()) * fraction);
}

std::string group_of(const SplitConfig& split, const std::regex& pattern, std::string_view filename,
                     std::string_view column_value) {
  if (!split.group_column.empty()) return std::string(column_value);
  std::match_results<std::string_view::const_iterator> match;
  if (!std::regex_search(filename.begin(), filename.end(), match, pattern)) {
    return std::string(filename);
  }
  return match.size() > 1 ? match[1].str() : match[0].str();
}

Rows choose_fraction(const SplitConfig& split, Rows rows) {
  const std::size_t count = share_of(rows, split.fraction);
  if (split.rule == SplitRule::kRandomFraction) {
    Random random(derive_seed(split.seed, "split"));
    const auto order = permutation(static_cast<std::int64_t>(rows.size()), random);
    Rows shuffled;
    for (const std::int64_t i : order) shuffled.push_back(rows[static_cast<std::size_t>(i)]);
    rows = std::move(shuffled);
  }
  rows.resize(count);
  std::sort(rows.begin(), rows.end());
  return rows;
}

Rows choose_groups(const SplitConfig& split, const DataFrame& frame, const std::string& x_col,
                   const Rows& rows) {
  const auto& filenames = frame.strings(x_col);
  const auto& column = frame.strings(split.group_column.empty() ? x_col : split.group_column);
  const std::regex pattern(split.pattern);
  std::map<std::string, Rows> groups;  // sorted: the draw does not depend on the CSV's order
  for (const std::int64_t row : rows) {
    const auto i = static_cast<std::size_t>(row);
    groups[group_of(split, pattern, filenames[i], column[i])].push_back(row);
  }
  std::vector<const Rows*> in_order;
  for (const auto& group : groups) in_order.push_back(&group.second);
  Random random(derive_seed(split.seed, "split"));
  Rows chosen;
  for (const std::int64_t i : permutation(static_cast<std::int64_t>(in_order.size()), random)) {
    if (chosen.size() >= share_of(rows, split.fraction)) break;
    const Rows& group = *in_order[static_cast<std::size_t>(i)];
    chosen.insert(chosen.end(), group.begin(), group.end());
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

Rows choose_matching(const SplitConfig& split, const DataFrame& frame, const std::string& x_col,
                     const Rows& rows) {
  const auto& filenames = frame.strings(x_col);
  const std::regex pattern(split.pattern);
  Rows chosen;
  for (const std::int64_t row : rows) {
    const std::string_view name = filenames[static_cast<std::size_t>(row)];
    if (std::regex_search(name.begin(), name.end(), pattern)) chosen.push_back(row);
  }
  return chosen;
}

}  // namespace

Rows choose_rows(const SplitConfig& split, const DataFrame& frame, const std::string& x_col,
                 const Rows& rows) {
  switch (split.rule) {
    case SplitRule::kFirstFraction:
    case SplitRule::kRandomFraction:
      return choose_fraction(split, rows);
    case SplitRule::kGroupFraction:
      return choose_groups(split, frame, x_col, rows);
    case SplitRule::kPattern:
      return choose_matching(split, frame, x_col, rows);
    case SplitRule::kNone:
    case SplitRule::kCsv:
      break;
  }
  return {};
}

}  // namespace mobireg
