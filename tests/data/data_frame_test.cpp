#include "mobireg/data/data_frame.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <memory>

#include "mobireg/core/error.h"

namespace mobireg {
namespace {

using Names = std::vector<std::string>;
using Numbers = std::vector<double>;
using Rows = std::vector<std::int64_t>;
using Strings = std::vector<std::string_view>;

DataFrame poses() {
  return DataFrame::from_string(
      "filename,pitch,yaw,person\n"
      "a.jpg,0.1,-1.5,1\n"
      "b.jpg,0.2,,1\n"
      "c.jpg,0.3,2.5,2\n"
      "d.jpg,0.4,3.5,2\n"
      "e.jpg,0.5,4.5,3\n",
      "poses.csv");
}

Names filenames(const DataFrame& frame) {
  const Strings& views = frame.strings("filename");
  return {views.begin(), views.end()};
}

/// 0, 1, ..., n-1 in a column "i".
DataFrame counting(int n) {
  std::string text = "i\n";
  for (int i = 0; i < n; ++i) text += std::to_string(i) + "\n";
  return DataFrame::from_string(text);
}

TEST_CASE("an empty frame has neither rows nor columns") {
  const DataFrame frame;
  CHECK(frame.rows() == 0);
  CHECK(frame.columns().empty());
  CHECK(frame.source().empty());
}

TEST_CASE("columns are found by name") {
  const DataFrame frame = poses();
  CHECK(frame.rows() == 5);
  CHECK(frame.columns() == Names{"filename", "pitch", "yaw", "person"});
  CHECK(frame.has_column("yaw"));
  CHECK_FALSE(frame.has_column("Yaw"));
  CHECK(frame.type("filename") == ColumnType::kString);
  CHECK(frame.type("yaw") == ColumnType::kFloat64);
  CHECK(frame.type("person") == ColumnType::kInt64);
  CHECK(frame.source() == "poses.csv");
}

TEST_CASE("a missing number is NaN, and its text is empty") {
  const DataFrame frame = poses();
  CHECK(frame.numbers("yaw")[0] == -1.5);
  CHECK(std::isnan(frame.numbers("yaw")[1]));
  CHECK(frame.strings("yaw")[1].empty());
  CHECK(frame.is_missing("yaw", 1));
  CHECK_FALSE(frame.is_missing("yaw", 0));
  CHECK_FALSE(frame.is_missing("filename", 1));
  CHECK_THROWS_AS(frame.is_missing("yaw", 5), std::out_of_range);
}

TEST_CASE("integers can be read as numbers and as they were written") {
  const DataFrame frame = DataFrame::from_string("id\n007\n 8\n");
  CHECK(frame.type("id") == ColumnType::kInt64);
  CHECK(frame.numbers("id") == Numbers{7, 8});
  CHECK(frame.strings("id") == Strings{"007", " 8"});
}

TEST_CASE("an unknown column is refused with the nearest name, or else with those there are") {
  const DataFrame frame = poses();
  CHECK_THROWS_MATCHES(frame.numbers("ptich"), Error,
                       Catch::Message("poses.csv: no column 'ptich' (did you mean 'pitch'?)"));
  CHECK_THROWS_MATCHES(frame.select({"pitch", "gaze"}), Error,
                       Catch::Message("poses.csv: no column 'gaze' (there are: 'filename', "
                                      "'pitch', 'yaw', 'person')"));
  DataFrame wide;
  for (int i = 0; i < 11; ++i) wide.add_column("x" + std::to_string(i), Numbers{0});
  CHECK_THROWS_MATCHES(wide.strings("pitch"), Error,
                       Catch::Message("no column 'pitch' (there are: 'x0', 'x1', 'x2', 'x3', "
                                      "'x4', 'x5', 'x6', 'x7', 'x8', 'x9', ...)"));
}

TEST_CASE("a column that is not numeric is refused with the first such cell and its line") {
  const DataFrame frame = DataFrame::from_string("a,b\n1,1\n\nNA,0x10\nx\ty,2\n,n o\n", "f.csv");
  CHECK_THROWS_MATCHES(
      frame.numbers("a"), Error,
      Catch::Message("f.csv, line 5: column 'a' is not numeric: 'x\\x09y' is no number"));
  CHECK_THROWS_MATCHES(frame.numbers("b"), Error,
                       Catch::Message("f.csv, line 4: column 'b' is not numeric: '0x10' is no "
                                      "number (nor are 1 more cells)"));
  DataFrame added;
  added.add_column("a", std::vector<std::string>{"1", "x"});
  CHECK_THROWS_MATCHES(added.numbers("a"), Error,
                       Catch::Message("row 1: column 'a' is not numeric: 'x' is no number"));
}

TEST_CASE("cells that are no number can be read as NaN, and the column is numeric without them") {
  const DataFrame frame = DataFrame::from_string("a\n1\nx\n3\n");
  const Numbers& numbers = frame.numbers_or_nan("a");
  CHECK(numbers[0] == 1);
  CHECK(std::isnan(numbers[1]));
  CHECK_FALSE(frame.is_missing("a", 1));
  const DataFrame good =
      frame.filter([&](std::int64_t row) { return !std::isnan(numbers[std::size_t(row)]); });
  CHECK(good.numbers("a") == Numbers{1, 3});
}

TEST_CASE("a frame of no rows has numbers in every column: none") {
  const DataFrame frame = DataFrame::from_string("filename,pitch\n");
  CHECK(frame.rows() == 0);
  CHECK(frame.numbers("pitch").empty());
  CHECK(frame.head().rows() == 0);
  CHECK(frame.shuffle(1).rows() == 0);
  CHECK(frame.split(0.5).second.rows() == 0);
  CHECK(frame.to_csv() == "filename,pitch\n");
}

TEST_CASE("select keeps the rows and takes the columns in the order asked for") {
  const DataFrame frame = poses().select({"yaw", "filename"});
  CHECK(frame.columns() == Names{"yaw", "filename"});
  CHECK(frame.strings("filename") == Strings{"a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg"});
  CHECK(frame.where(2) == "poses.csv, line 4");
  CHECK_FALSE(frame.has_column("pitch"));
  CHECK_THROWS_MATCHES(poses().select({"yaw", "yaw"}), Error,
                       Catch::Message("column 'yaw' is selected twice"));
}

TEST_CASE("rows are taken in the order asked for, with their lines") {
  const DataFrame frame = poses().rows_at({4, 0, 4});
  CHECK(frame.numbers("pitch") == Numbers{0.5, 0.1, 0.5});
  CHECK(frame.strings("filename") == Strings{"e.jpg", "a.jpg", "e.jpg"});
  CHECK(frame.row_line(0) == 6);
  CHECK(frame.row_line(1) == 2);
  CHECK(frame.where(0) == "poses.csv, line 6");
  CHECK_THROWS_MATCHES(poses().rows_at({5}), Error, Catch::Message("no row 5 in a frame of 5"));
  CHECK_THROWS_MATCHES(poses().rows_at({-1}), Error, Catch::Message("no row -1 in a frame of 5"));
}

TEST_CASE("filter keeps the rows for which its predicate holds") {
  const DataFrame frame = poses();
  const Numbers& person = frame.numbers("person");
  const DataFrame second =
      frame.filter([&person](std::int64_t row) { return person[std::size_t(row)] == 2; });
  CHECK(second.strings("filename") == Strings{"c.jpg", "d.jpg"});
}

TEST_CASE("head takes the first rows") {
  CHECK(filenames(poses().head(2)) == Names{"a.jpg", "b.jpg"});
  CHECK(poses().head(0).rows() == 0);
  CHECK(poses().head(99).rows() == 5);
  CHECK(counting(9).head().rows() == 5);
}

TEST_CASE("split cuts at int(rows * fraction)") {
  const auto [rows, fraction, first] = GENERATE(
      table<int, double, std::int64_t>({{10, 0.15, 1},
                                        {20, 0.15, 3},
                                        {5412, 0.15, 811},
                                        {10, 0, 0},
                                        {10, 1, 10},
                                        {3, 0.999, 2},
                                        {100, 0.29, 28}}));  // 100 * 0.29 is 28.999999999999996
  const auto [head, rest] = counting(rows).split(fraction);
  REQUIRE(head.rows() == first);
  REQUIRE(rest.rows() == rows - first);
  if (first > 0) CHECK(head.numbers("i").back() == static_cast<double>(first - 1));
  if (first < rows) CHECK(rest.numbers("i").front() == static_cast<double>(first));
}

TEST_CASE("a fraction that is none is refused") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_MATCHES(
      poses().split(1.5), Error,
      Catch::Message("cannot split a frame at 1.5: the fraction must be between 0 and 1"));
  CHECK_THROWS_AS(poses().split(-0.1), Error);
  CHECK_THROWS_AS(poses().split(nan), Error);
}

TEST_CASE("a shuffle holds every row once, keeps rows whole, and follows from the seed alone") {
  const DataFrame frame = DataFrame::from_string("a,b\n1,1\n2,2\n3,3\n4,4\n5,5\n6,6\n7,7\n8,8\n");
  const DataFrame shuffled = frame.shuffle(3);
  CHECK(shuffled.numbers("a") != frame.numbers("a"));
  CHECK(shuffled.numbers("a") == shuffled.numbers("b"));
  for (std::int64_t row = 0; row < 8; ++row) {
    CHECK(shuffled.row_line(row) == 1 + shuffled.numbers("a")[std::size_t(row)]);
  }
  Numbers sorted = shuffled.numbers("a");
  std::sort(sorted.begin(), sorted.end());
  CHECK(sorted == frame.numbers("a"));
  CHECK(frame.shuffle(3).numbers("a") == shuffled.numbers("a"));
  CHECK(frame.shuffle(4).numbers("a") != shuffled.numbers("a"));
}

TEST_CASE("what is taken from a frame outlives it") {
  auto frame = std::make_unique<DataFrame>(poses());
  const DataFrame part = frame->select({"filename"}).rows_at({1});
  frame.reset();
  CHECK(part.strings("filename") == Strings{"b.jpg"});
}

TEST_CASE("added columns stand at the right and have no lines") {
  DataFrame frame;
  frame.add_column("name", std::vector<std::string>{"x", "NA"});
  frame.add_column("value", Numbers{0.5, std::numeric_limits<double>::quiet_NaN()});
  CHECK(frame.rows() == 2);
  CHECK(frame.type("name") == ColumnType::kString);
  CHECK(frame.type("value") == ColumnType::kFloat64);
  CHECK(frame.is_missing("name", 1));
  CHECK(frame.is_missing("value", 1));
  CHECK(frame.row_line(1) == 0);
  CHECK(frame.where(1) == "row 1");
  CHECK(frame.to_csv() == "name,value\nx,0.5\nNA,\n");

  DataFrame predicted = poses().head(1);
  predicted.add_column("prediction", Numbers{0.25});
  CHECK(predicted.to_csv() == "filename,pitch,yaw,person,prediction\na.jpg,0.1,-1.5,1,0.25\n");
}

TEST_CASE("an added column must be new and as long as the frame") {
  DataFrame frame = poses();
  CHECK_THROWS_MATCHES(frame.add_column("yaw", Numbers(5)), Error,
                       Catch::Message("there is a column 'yaw' already"));
  CHECK_THROWS_MATCHES(frame.add_column("x", Numbers(4)), Error,
                       Catch::Message("column 'x' has 4 rows, the frame 5"));
  CHECK_THROWS_MATCHES(frame.add_column("x", std::vector<std::string>(6)), Error,
                       Catch::Message("column 'x' has 6 rows, the frame 5"));
  CHECK(frame.columns() == poses().columns());
}

TEST_CASE("describe leaves out strings and missing cells") {
  const DataFrame summary = poses().describe();
  CHECK(summary.columns() == Names{"", "pitch", "yaw", "person"});
  CHECK(summary.strings("") == Strings{"count", "mean", "std", "min", "25%", "50%", "75%", "max"});
  const Numbers& yaw = summary.numbers("yaw");
  CHECK(yaw[0] == 4);
  CHECK(yaw[1] == Approx(2.25));
  CHECK(yaw[4] == Approx(1.5));
}

TEST_CASE("a frame prints as an aligned table") {
  CHECK(poses().select({"filename", "yaw"}).head(2).to_string() ==
        "filename   yaw\n"
        "   a.jpg  -1.5\n"
        "   b.jpg   nan\n");
}

}  // namespace
}  // namespace mobireg
