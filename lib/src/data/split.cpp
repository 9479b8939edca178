#include "data/split.h"

#include <algorithm>
#include <map>
#include <regex>

#include "mobireg/core/random.h"

namespace mobireg {
namespace {

using Rows = std::vector<std::int64_t>;

std::size_t share_of(const Rows& rows, double fraction) {
  return static_cast<std::size_t>(static_cast<double>(rows.size()) * fraction);
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

/// The groups in the order in which they are taken.
std::vector<Rows> ordered_groups(const SplitConfig& split, const SplitRows& all, const Rows& rows) {
  std::map<std::string, Rows> by_name;
  std::vector<std::string> names;  // by first appearance
  for (const std::int64_t row : rows) {
    const std::string& name = all.groups[static_cast<std::size_t>(row)];
    Rows& group = by_name[name];
    if (group.empty()) names.push_back(name);
    group.push_back(row);
  }
  if (split.rule == SplitRule::kRandomFraction) {
    std::sort(names.begin(), names.end());  // the draw does not depend on the CSV's order
    Random random(derive_seed(split.seed, "split"));
    std::vector<std::string> drawn;
    for (const std::int64_t i : permutation(static_cast<std::int64_t>(names.size()), random)) {
      drawn.push_back(names[static_cast<std::size_t>(i)]);
    }
    names = std::move(drawn);
  }
  std::vector<Rows> groups;
  for (const std::string& name : names) groups.push_back(std::move(by_name[name]));
  return groups;
}

Rows choose_groups(const SplitConfig& split, const SplitRows& all, const Rows& rows) {
  Rows chosen;
  for (const Rows& group : ordered_groups(split, all, rows)) {
    if (chosen.size() >= share_of(rows, split.fraction)) break;
    chosen.insert(chosen.end(), group.begin(), group.end());
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

Rows choose_matching(const SplitConfig& split, const SplitRows& all, const Rows& rows) {
  const std::regex pattern(split.pattern);
  Rows chosen;
  for (const std::int64_t row : rows) {
    if (std::regex_search(all.filenames[static_cast<std::size_t>(row)], pattern)) {
      chosen.push_back(row);
    }
  }
  return chosen;
}

}  // namespace

Rows choose_rows(const SplitConfig& split, const SplitRows& all, const Rows& rows) {
  switch (split.rule) {
    case SplitRule::kFirstFraction:
    case SplitRule::kRandomFraction:
      return all.groups.empty() ? choose_fraction(split, rows) : choose_groups(split, all, rows);
    case SplitRule::kPattern:
      return choose_matching(split, all, rows);
    case SplitRule::kNone:
    case SplitRule::kCsv:
      break;
  }
  return {};
}

std::vector<std::string> groups_by_pattern(const std::vector<std::string>& filenames,
                                           const std::string& pattern) {
  const std::regex compiled(pattern);
  std::vector<std::string> groups;
  for (const std::string& filename : filenames) {
    std::smatch match;
    if (!std::regex_search(filename, match, compiled)) {
      groups.push_back(filename);
    } else {
      groups.push_back(match.size() > 1 ? match[1].str() : match[0].str());
    }
  }
  return groups;
}

}  // namespace mobireg
