// Which rows are set aside for validation and test.

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "data/labelled_folder.h"
#include "mobireg/core/error.h"
#include "mobireg/data/dataset.h"

namespace mobireg {
namespace {

RowNumbers all_rows_of(const Datasets& sets) {
  RowNumbers all;
  for (const auto* set : {&sets.train, &sets.validation, &sets.test}) {
    const RowNumbers rows = rows_of(*set);
    CHECK(std::is_sorted(rows.begin(), rows.end()));
    all.insert(all.end(), rows.begin(), rows.end());
  }
  std::sort(all.begin(), all.end());
  return all;
}

TEST_CASE("the first fraction is Keras's int(fraction * rows)") {
  const auto [rows, expected] =
      GENERATE(table<int, int>({{7, 1}, {13, 1}, {14, 2}, {19, 2}, {20, 3}, {27, 4}}));
  LabelledFolder folder(rows);
  folder.data.validation = {SplitRule::kFirstFraction, 0.15};
  const Datasets sets = folder.open();
  CHECK(rows_of(sets.validation) == numbers(0, expected));
  CHECK(rows_of(sets.train) == numbers(expected, rows));
  CHECK(sets.test.size() == 0);
}

TEST_CASE("test rows are taken first, validation rows from what is left") {
  LabelledFolder folder(20);
  folder.data.test = {SplitRule::kFirstFraction, 0.1};
  folder.data.validation = {SplitRule::kFirstFraction, 0.5};
  const Datasets sets = folder.open();
  CHECK(rows_of(sets.test) == numbers(0, 2));
  CHECK(rows_of(sets.validation) == numbers(2, 11));
  CHECK(rows_of(sets.train) == numbers(11, 20));
}

TEST_CASE("a random fraction is a function of its seed") {
  LabelledFolder folder(40);
  folder.data.validation = {SplitRule::kRandomFraction, 0.25, 1};
  const Datasets sets = folder.open();
  const RowNumbers chosen = rows_of(sets.validation);
  CHECK(chosen.size() == 10);
  CHECK(chosen != numbers(0, 10));
  CHECK(all_rows_of(sets) == numbers(0, 40));
  CHECK(rows_of(folder.open(1).validation) == chosen);
  folder.data.validation.seed = 2;
  CHECK(rows_of(folder.open().validation) != chosen);
}

TEST_CASE("people never stand on both sides of a split by groups") {
  LabelledFolder folder(40);
  const SplitRule rule = GENERATE(SplitRule::kRandomFraction, SplitRule::kFirstFraction);
  SplitConfig split{rule, 0.2};
  const bool by_column = GENERATE(true, false);
  split.seed = GENERATE(1, 2, 3);
  if (by_column) {
    folder.data.group_column = "person";
  } else {
    folder.data.group_pattern = "images/(\\d*)\\d\\.png";  // rows 0 to 9, 10 to 19, ...
  }
  folder.data.test = split;
  folder.data.validation = split;
  const Datasets sets = folder.open();
  CHECK(all_rows_of(sets) == numbers(0, 40));
  CHECK(sets.test.size() == (by_column ? 8 : 10));
  const int rows_a_group = by_column ? 2 : 10;
  std::set<int> seen;
  for (const auto* set : {&sets.train, &sets.validation, &sets.test}) {
    std::set<int> groups;
    for (const int row : rows_of(*set)) groups.insert(row / rows_a_group);
    for (const int group : groups) CHECK(seen.insert(group).second);
  }
}

TEST_CASE("the groups that are drawn depend on the seed, not on the order of the rows") {
  LabelledFolder folder(20);
  folder.data.validation = {SplitRule::kRandomFraction, 0.3, 1};
  folder.data.group_column = "person";
  const RowNumbers chosen = rows_of(folder.open().validation);
  std::string reversed = "filename,angle,person\n";
  for (int i = 19; i >= 0; --i) {
    reversed += "images/" + std::to_string(i) + ".png," + std::to_string(i) + ",p" +
                std::to_string(i / 2) + "\n";
  }
  write_text(folder.csv_path(), reversed);
  RowNumbers again = rows_of(folder.open().validation);
  std::sort(again.begin(), again.end());
  CHECK(again == chosen);
  folder.data.validation.seed = 2;
  RowNumbers others = rows_of(folder.open().validation);
  std::sort(others.begin(), others.end());
  CHECK(others != chosen);
}

TEST_CASE("a split by other means that cuts through a group is refused") {
  LabelledFolder folder(12);
  folder.data.group_column = "person";
  folder.data.test = {SplitRule::kPattern};
  folder.data.test.pattern = "images/[0-4]\\.png";  // person 2 has 4 and 5
  CHECK_THROWS_WITH(folder.open(), folder.csv_path().string() +
                                       ": the group 'p2' is split between training and test (" +
                                       folder.csv_path().string() +
                                       ":6); groups must stay together");
  folder.data.test.pattern = "images/[0-3]\\.png";
  CHECK(rows_of(folder.open().test) == numbers(0, 4));
}

TEST_CASE("a pattern takes the rows whose file name it is found in") {
  LabelledFolder folder(24);
  folder.data.test = {SplitRule::kPattern};
  folder.data.test.pattern = "/1\\d\\.";
  folder.data.validation = {SplitRule::kPattern};
  folder.data.validation.pattern = "0\\.png$";
  const Datasets sets = folder.open();
  CHECK(rows_of(sets.test) == numbers(10, 20));
  CHECK(rows_of(sets.validation) == RowNumbers{0, 20});
  CHECK(sets.train.size() == 12);
}

TEST_CASE("a CSV of its own brings rows and images from its own folder") {
  LabelledFolder folder(6);
  const LabelledFolder other(3);
  folder.data.test = {SplitRule::kCsv};
  folder.data.test.csv = other.csv_path();
  const Datasets sets = folder.open();
  CHECK(rows_of(sets.train) == numbers(0, 6));
  CHECK(rows_of(sets.test) == numbers(0, 3));
  CHECK(sets.test.row(0).csv == other.csv_path());
  CHECK(sets.test.input_image(0).pixels != sets.train.input_image(3).pixels);
}

TEST_CASE("a split that sets no rows aside is refused") {
  LabelledFolder folder(5);
  const auto start = folder.csv_path().string() + ": ";
  folder.data.validation = {SplitRule::kFirstFraction, 0.15};
  CHECK_THROWS_WITH(folder.open(), start +
                                       "data.validation sets no rows aside; use rule none to "
                                       "go without");
  folder.data.validation = {SplitRule::kNone};
  folder.data.test = {SplitRule::kPattern};
  folder.data.test.pattern = "nothing";
  CHECK_THROWS_WITH(folder.open(), start +
                                       "data.test sets no rows aside; use rule none to go "
                                       "without");
}

TEST_CASE("a split that leaves nothing to train on is refused") {
  LabelledFolder folder(5);
  folder.data.test = {SplitRule::kFirstFraction, 0.9};
  CHECK_THROWS_WITH(folder.open(), folder.csv_path().string() +
                                       ": 1 rows are left to train on (4 test, 0 validation); at "
                                       "least 2 are needed");
}

}  // namespace
}  // namespace mobireg
