#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mobireg {

enum class CellKind { kInteger, kFloat, kMissing, kText };

/// A CSV cell as the C parser of pandas 1.5.3 sees it (float_precision="round_trip").
struct Cell {
  CellKind kind;
  double number;  ///< NaN unless the kind is kInteger or kFloat
};

/// Spaces around a number are no part of it. Missing are the empty cell and pandas's NA strings
/// ("NA", "nan", "NULL", ...), exactly as they stand. Numbers too large for a double are text, as
/// in pandas, and so are hexadecimal numbers and `1_000`. Integers outside of int64 are floats.
Cell parse_cell(std::string_view text);

/// One column of a CSV.
struct CsvColumn {
  std::string name;
  std::vector<std::string_view> cells;  ///< unquoted text, pointing into CsvTable::text
  std::vector<double> numbers;          ///< NaN where the cell is missing or text
  bool has_float = false;
  bool has_missing = false;
  bool has_text = false;

  void append(std::string_view text);
};

/// A whole CSV, by columns.
struct CsvTable {
  std::shared_ptr<const std::string> text;
  std::vector<CsvColumn> columns;
  std::vector<std::int64_t> lines;  ///< of each row: where it begins, counted from 1
};

/// Reads CSV text by the rules of pandas.read_csv: a header; `"` opens a quoted cell only at the
/// cell's start; lines end in LF, CR LF or CR; blank lines are skipped; a UTF-8 byte order mark is
/// skipped; short rows end in missing cells; an unnamed column i is called "Unnamed: i".
///
/// Throws `Error` naming `source` and the line: no header, two columns of one name, a row with more
/// cells than the header, a NUL byte, a quote never closed, a row of more than 16 MiB.
CsvTable parse_csv(std::string text, const std::string& source);

/// Appends a line with these cells to `text`, quoted where reading it back needs that.
void append_csv_row(const std::vector<std::string_view>& cells, std::string& text);

}  // namespace mobireg
