#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mobireg {

/// As pandas chooses it: kInt64 when every cell is an integer, kFloat64 when every cell is a number
/// or missing, else kString. A column without rows is a kString.
enum class ColumnType { kInt64, kFloat64, kString };

/// A table with named columns, read from a CSV the way pandas.read_csv (1.5.3) reads it: header,
/// quotes, CR LF, byte order mark, blank lines, spaces around numbers, NA strings, short rows.
/// Numbers are rounded correctly (pandas: float_precision="round_trip").
///
/// Where it differs from pandas: two columns of one name are refused, and so is every row with more
/// cells than the header (pandas makes an index of the surplus when the first row has it); booleans
/// stay strings; integers outside of int64 become float64; nothing is converted lossily, since the
/// text of every cell is kept.
///
/// Rows count from 0. Copies and selections share columns. Functions that take a column's name
/// throw `Error` with the nearest name when there is no such column.
class DataFrame {
 public:
  DataFrame() = default;

  /// Throws `Error` with the file, and the line where there is one, when the file cannot be read,
  /// has no header, two columns of one name, a row with more cells than the header, a NUL byte, an
  /// unclosed quote, or a row over 16 MiB. A header without rows is a frame of 0 rows.
  static DataFrame read_csv(const std::filesystem::path& path);

  /// `source` stands for the file in messages.
  static DataFrame from_string(std::string text, std::string source = "CSV text");

  /// Adds a column at the right. Throws `Error` when the name is taken or the size differs from
  /// `rows()`; the first column of an empty frame sets the rows.
  void add_column(std::string name, std::vector<double> numbers);
  void add_column(std::string name, std::vector<std::string> texts);

  std::int64_t rows() const { return static_cast<std::int64_t>(lines_.size()); }
  const std::vector<std::string>& columns() const { return names_; }
  bool has_column(std::string_view name) const { return positions_.count(name) > 0; }
  ColumnType type(std::string_view name) const { return column(name).type; }

  /// A column's numbers, NaN where missing; integers are converted. References to them are valid
  /// while this frame lives (a temporary frame gives a copy). Throws `Error` with the first
  /// offending cell and its line when a cell is neither a number nor missing.
  const std::vector<double>& numbers(std::string_view name) const&;
  std::vector<double> numbers(std::string_view name) const&& { return numbers(name); }

  /// The same with NaN for every cell that is no number, as pandas.to_numeric(errors="coerce").
  const std::vector<double>& numbers_or_nan(std::string_view name) const&;
  std::vector<double> numbers_or_nan(std::string_view name) const&& { return numbers_or_nan(name); }

  /// The text of every cell as in the file, unquoted; missing cells as well ("", "NA", ...). Views
  /// and reference are valid while this frame lives.
  const std::vector<std::string_view>& strings(std::string_view name) const&;
  const std::vector<std::string_view>& strings(std::string_view name) const&& = delete;

  /// Whether the cell is empty, left out of a short row, or one of pandas's NA strings.
  bool is_missing(std::string_view name, std::int64_t row) const;

  /// The line of the file where the row begins, from 1; 0 when the rows come from no file.
  std::int64_t row_line(std::int64_t row) const { return lines_.at(static_cast<std::size_t>(row)); }

  /// The row for messages: "labels.csv, line 12", or "row 10" when it comes from no file.
  std::string where(std::int64_t row) const;

  /// The file's path as it was given; empty when the frame comes from no file.
  const std::string& source() const { return source_; }

  /// These columns in this order.
  DataFrame select(const std::vector<std::string>& names) const;

  /// These rows in this order; a row may repeat. Throws `Error` when a row does not exist.
  DataFrame rows_at(const std::vector<std::int64_t>& rows) const;

  /// The rows for which `keep(row)` holds.
  DataFrame filter(const std::function<bool(std::int64_t row)>& keep) const;

  /// The first `n` rows, or all when there are fewer.
  DataFrame head(std::int64_t n = 5) const;

  /// The first int(rows * fraction) rows, and the rest. Throws `Error` unless 0 <= fraction <= 1.
  std::pair<DataFrame, DataFrame> split(double fraction) const;

  /// All rows in an order that depends on `seed` alone.
  DataFrame shuffle(std::uint64_t seed) const;

  /// pandas's describe(): count, mean, std (n - 1), min, 25 %, 50 %, 75 % (linear interpolation)
  /// and max of every numeric column, missing cells left out. A frame of these 8 rows; its first
  /// column has an empty name and names the statistics.
  DataFrame describe() const;

  /// All rows as an aligned table for people to read, 6 digits a number.
  std::string to_string() const;

  /// The frame as CSV: cells as they stand in the file, quoted where needed; numbers that were
  /// added as the shortest text that reads back as the same double; missing ones empty.
  std::string to_csv() const;

  /// Writes `to_csv()` by `write_file_atomically`.
  void write_csv(const std::filesystem::path& path) const;

 private:
  struct Column {
    ColumnType type;
    std::vector<std::string_view> cells;
    std::vector<double> numbers;           ///< NaN where missing or text
    std::shared_ptr<const void> cells_of;  ///< what the cells point into
  };

  const Column& column(std::string_view name) const;
  void append(std::string name, std::shared_ptr<const Column> column);
  void check_new_column(const std::string& name, std::size_t size);

  std::string source_;
  std::vector<std::int64_t> lines_;
  std::vector<std::string> names_;
  std::vector<std::shared_ptr<const Column>> columns_;
  std::map<std::string, std::size_t, std::less<>> positions_;
};

}  // namespace mobireg
