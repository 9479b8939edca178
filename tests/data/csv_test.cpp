#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "fixture.h"
#include "mobireg/core/error.h"
#include "mobireg/core/file.h"
#include "mobireg/data/data_frame.h"
#include "temporary_folder.h"

namespace mobireg {
namespace {

using nlohmann::json;
using Strings = std::vector<std::string_view>;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string type_name(ColumnType type) {
  switch (type) {
    case ColumnType::kInt64:
      return "int64";
    case ColumnType::kFloat64:
      return "float64";
    case ColumnType::kString:
      break;
  }
  return "object";
}

double number_of(const json& value) {
  if (value.is_null()) return kNaN;
  if (value == "inf") return kInfinity;
  if (value == "-inf") return -kInfinity;
  return value.get<double>();
}

void check_column(const DataFrame& frame, const json& column) {
  const std::string name = column["name"];
  INFO("column " << name);
  REQUIRE(type_name(frame.type(name)) == column["dtype"]);
  const json& values = column["values"];
  REQUIRE(frame.rows() == static_cast<std::int64_t>(values.size()));
  for (std::size_t row = 0; row < values.size(); ++row) {
    INFO("row " << row);
    REQUIRE(frame.is_missing(name, static_cast<std::int64_t>(row)) == values[row].is_null());
    if (values[row].is_null()) {
      REQUIRE(std::isnan(frame.numbers_or_nan(name)[row]));
    } else if (frame.type(name) == ColumnType::kString) {
      REQUIRE(frame.strings(name)[row] == values[row].get<std::string>());
    } else {
      REQUIRE(frame.numbers(name)[row] == number_of(values[row]));
    }
  }
}

void check_describe(const DataFrame& summary, const json& expected) {
  REQUIRE(summary.columns().size() == expected.size() + 1);
  for (const auto& [name, statistics] : expected.items()) {
    for (std::size_t i = 0; i < 8; ++i) {
      INFO("column " << name << ", " << summary.strings("")[i]);
      const double number = summary.numbers(name)[i];
      const double reference = number_of(statistics[i]);
      if (std::isfinite(reference)) {
        REQUIRE(std::abs(number - reference) <= 1e-12 * std::abs(reference));
      } else {
        REQUIRE((number == reference || (std::isnan(number) && std::isnan(reference))));
      }
    }
  }
}

TEST_CASE("a CSV is read as pandas reads it") {
  const json cases = read_fixture("pandas_csv.json");
  REQUIRE(cases.size() > 300);
  for (const json& reference : cases) {
    INFO(reference["name"].get<std::string>());
    const std::string text = reference["csv"];
    if (reference.contains("error")) {
      REQUIRE_THROWS_AS(DataFrame::from_string(text), Error);
      continue;
    }
    const DataFrame frame = DataFrame::from_string(text);
    std::vector<std::string> names;
    for (const json& column : reference["columns"]) names.push_back(column["name"]);
    REQUIRE(frame.columns() == names);
    for (const json& column : reference["columns"]) check_column(frame, column);
    check_describe(frame.describe(), reference["describe"]);
  }
}

TEST_CASE("booleans stay strings, and integers outside of int64 become float64") {
  const DataFrame frame = DataFrame::from_string(
      "flag,uint,huge,negative\n"
      "True,18446744073709551615,100000000000000000000,-9223372036854775809\n");
  CHECK(frame.type("flag") == ColumnType::kString);
  CHECK(frame.numbers("uint")[0] == 18446744073709551615.0);
  CHECK(frame.numbers("huge")[0] == 1e20);
  CHECK(frame.type("huge") == ColumnType::kFloat64);
  CHECK(frame.numbers("negative")[0] == -9223372036854775808.0);
}

TEST_CASE("a number too large for a double is text, one too small is zero") {
  const std::string zeros(400, '0');
  const DataFrame frame =
      DataFrame::from_string("large,negative,small\n1" + zeros + ".0,-1e400,-0." + zeros + "1\n");
  CHECK(frame.type("large") == ColumnType::kString);
  CHECK(frame.type("negative") == ColumnType::kString);
  REQUIRE(frame.type("small") == ColumnType::kFloat64);
  CHECK(frame.numbers("small")[0] == 0.0);
  CHECK(std::signbit(frame.numbers("small")[0]));
}

TEST_CASE("every row knows its line in the file") {
  const DataFrame frame = DataFrame::from_string(
      "\na,b\r\n"
      "1,2\r\n"
      "\r\n"
      "\"x\ny\r\nz\",\"\"\n"
      "5,6\r"
      " \r"
      "7,8");
  REQUIRE(frame.rows() == 4);
  CHECK(frame.row_line(0) == 3);
  CHECK(frame.row_line(1) == 5);
  CHECK(frame.row_line(2) == 8);
  CHECK(frame.row_line(3) == 10);
}

TEST_CASE("a file that is no proper CSV is refused with its name and line") {
  using namespace std::string_literals;
  const auto [text, message] = GENERATE(table<std::string, std::string>({
      {"", "f.csv: the file is empty"},
      {"\xEF\xBB\xBF", "f.csv: the file has no header, only blank lines"},
      {"\n \r\n", "f.csv: the file has no header, only blank lines"},
      {"a,b\n1,2\n\n1,2,3\n", "f.csv, line 4: 3 cells, but the header has 2"},
      {"a,b\n1,2,3\n", "f.csv, line 2: 3 cells, but the header has 2"},
      {"a,b\n1,2,\n", "f.csv, line 2: 3 cells, but the header has 2"},
      {"a,b\n\"1\n\n2\",3,4\n", "f.csv, line 2: 3 cells, but the header has 2"},
      {"\npitch,yaw,pitch\n", "f.csv, line 2: columns 1 and 3 are both called 'pitch'"},
      {",Unnamed: 0\n", "f.csv, line 1: columns 1 and 2 are both called 'Unnamed: 0'"},
      {"a,b\n1,2\n3\0,4\n"s, "f.csv, line 3: a NUL byte (is this a text file in UTF-8?)"},
      {"a,b\n1,\"2\n\0\"\n"s, "f.csv, line 3: a NUL byte (is this a text file in UTF-8?)"},
      {"\0"s, "f.csv, line 1: a NUL byte (is this a text file in UTF-8?)"},
      {"a,b\n1,2\0"s, "f.csv, line 2: a NUL byte (is this a text file in UTF-8?)"},
      {"\xFF\xFE\x61\0\n\0"s, "f.csv, line 1: a NUL byte (is this a text file in UTF-8?)"},
      {"a,b\n1,2\n\"x\ny\",\"4\n5,6\n", "f.csv, line 4: the quote that opens here is never closed"},
      {"a,\"b", "f.csv, line 1: the quote that opens here is never closed"},
      {"a,b\n1,\"", "f.csv, line 2: the quote that opens here is never closed"},
  }));
  CHECK_THROWS_MATCHES(DataFrame::from_string(text, "f.csv"), Error, Catch::Message(message));
}

TEST_CASE("a row longer than 16 MiB is refused, one of 16 MiB is read") {
  const std::size_t limit = 16 << 20;
  const std::string full_row = std::string(limit - 2, 'x') + ",1";
  CHECK(DataFrame::from_string("a,b\n" + full_row + "\n").rows() == 1);
  const std::string message = "f.csv, line 2: the row is longer than 16 MiB (is this a CSV file?)";
  CHECK_THROWS_MATCHES(DataFrame::from_string("a,b\n" + full_row + "2\n", "f.csv"), Error,
                       Catch::Message(message));
  CHECK_THROWS_MATCHES(DataFrame::from_string("a\n\"" + std::string(limit, '\n') + "\"", "f.csv"),
                       Error, Catch::Message(message));
  CHECK_THROWS_MATCHES(
      DataFrame::from_string(std::string(100'000'000, 'x'), "f.csv"), Error,
      Catch::Message("f.csv, line 1: the row is longer than 16 MiB (is this a CSV file?)"));
}

TEST_CASE("a file that cannot be read is refused with its path") {
  const TemporaryFolder folder;
  const std::string missing = (folder.path() / "missing.csv").string();
  CHECK_THROWS_MATCHES(DataFrame::read_csv(missing), Error,
                       Catch::Message("cannot read '" + missing + "': No such file or directory"));
  const std::string base = folder.path().string();
  CHECK_THROWS_MATCHES(DataFrame::read_csv(base), Error,
                       Catch::Message("cannot read '" + base + "': Is a directory"));
}

TEST_CASE("cells are written as they stand in the file, quoted where needed") {
  const std::string text =
      "filename,pitch,note\n"
      "a.jpg,0.059530,NA\n"
      "\"b,\"\"1\"\".jpg\",-1 ,\"two\nlines\"\n"
      "007,1e5,\"\r\"\n";
  CHECK(DataFrame::from_string(text).to_csv() == text);
}

TEST_CASE("what a CSV holds survives being written and read") {
  const TemporaryFolder folder;
  const json cases = read_fixture("pandas_csv.json");
  for (const json& reference : cases) {
    if (reference.contains("error")) continue;
    INFO(reference["name"].get<std::string>());
    const DataFrame frame = DataFrame::from_string(reference["csv"]);
    const DataFrame again = DataFrame::from_string(frame.to_csv());
    REQUIRE(again.columns() == frame.columns());
    for (const json& column : reference["columns"]) check_column(again, column);
  }
}

TEST_CASE("a one-column frame keeps its blank cells when written and read") {
  DataFrame frame;
  frame.add_column(" ", std::vector<std::string>{"", "a", "\t "});
  const DataFrame again = DataFrame::from_string(frame.to_csv());
  CHECK(again.strings(" ") == Strings{"", "a", "\t "});
}

TEST_CASE("added numbers are written as the shortest text that reads back exactly") {
  const std::vector<double> numbers{0.1, 1, -0.0, 1e16, 1.0 / 3, 5e-324, -kInfinity, kNaN, 1e15};
  DataFrame frame;
  frame.add_column("x", numbers);
  CHECK(frame.to_csv() ==
        "x\n0.1\n1.0\n-0.0\n1e+16\n0.3333333333333333\n5e-324\n-inf\n\"\"\n1000000000000000.0\n");
  const TemporaryFolder folder;
  frame.write_csv(folder.path() / "x.csv");
  const DataFrame again = DataFrame::read_csv(folder.path() / "x.csv");
  REQUIRE(again.type("x") == ColumnType::kFloat64);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const double number = again.numbers("x")[i];
    CHECK((number == numbers[i] || (std::isnan(number) && std::isnan(numbers[i]))));
    CHECK(std::signbit(number) == std::signbit(numbers[i]));
  }
}

TEST_CASE("a CSV that cannot be written is refused with its path") {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "missing" / "x.csv").string();
  CHECK_THROWS_MATCHES(DataFrame::from_string("a\n1\n").write_csv(path), Error,
                       Catch::Message("cannot write '" + path + "': No such file or directory"));
}

}  // namespace
}  // namespace mobireg
