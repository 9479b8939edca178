#include "data/csv.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <limits>
#include <map>
#include <optional>

#include "core/fail.h"
#include "mobireg/core/text.h"

namespace mobireg {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::ptrdiff_t kMaxRowBytes = 16 << 20;

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_missing(std::string_view text) {
  // pandas._libs.parsers.STR_NA_VALUES of pandas 1.5.3
  static constexpr std::string_view kNaStrings[] = {
      "",        "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND",
      "1.#QNAN", "<NA>", "N/A",      "NA",  "NULL",    "NaN",      "n/a",  "nan",  "null"};
  return text.size() <= 8 &&
         std::find(std::begin(kNaStrings), std::end(kNaStrings), text) != std::end(kNaStrings);
}

/// "inf" and "infinity" in any case, with or without a sign.
std::optional<double> parse_infinity(std::string_view text) {
  const bool negative = !text.empty() && text[0] == '-';
  if (negative || (!text.empty() && text[0] == '+')) text.remove_prefix(1);
  const auto is = [text](std::string_view word) {
    return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                      [](char a, char b) { return (a | 0x20) == b; });
  };
  if (!is("inf") && !is("infinity")) return std::nullopt;
  return negative ? -std::numeric_limits<double>::infinity()
                  : std::numeric_limits<double>::infinity();
}

/// Whether an unsigned decimal number that no double can hold is too small (not too large) for one.
bool is_underflow(std::string_view number) {
  const std::size_t e = std::min(number.find_first_of("eE"), number.size());
  const std::string_view mantissa = number.substr(0, e);
  const std::size_t first = mantissa.find_first_of("123456789");
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  if (e == number.size()) return first > point;
  std::string_view digits = number.substr(e + 1);
  if (digits[0] == '+') digits.remove_prefix(1);
  std::int64_t exponent = 0;
  const char* const end = digits.data() + digits.size();
  if (std::from_chars(digits.data(), end, exponent).ec != std::errc{}) return digits[0] == '-';
  return exponent + static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first) < 0;
}

/// Of text without spaces around it. What does not begin like a number is refused at once: most
/// cells that are no number are file names.
std::optional<Cell> parse_number(std::string_view text) {
  const char* begin = text.data();
  const char* const end = begin + text.size();
  const bool negative = begin != end && *begin == '-';
  const char* unsigned_begin = begin + (begin != end && (*begin == '-' || *begin == '+'));
  if (unsigned_begin == end || !(is_digit(*unsigned_begin) || *unsigned_begin == '.')) return {};
  if (!negative) begin = unsigned_begin;  // std::from_chars knows no '+'

  std::int64_t integer = 0;
  if (const auto [stop, error] = std::from_chars(begin, end, integer);
      stop == end && error == std::errc{}) {
    return Cell{CellKind::kInteger, static_cast<double>(integer)};
  }
  double number = 0;
  const auto [stop, error] = std::from_chars(begin, end, number);
  if (stop != end || error == std::errc::invalid_argument) return {};
  if (error == std::errc::result_out_of_range) {
    if (!is_underflow({unsigned_begin, static_cast<std::size_t>(end - unsigned_begin)})) return {};
    number = negative ? -0.0 : 0.0;
  }
  return Cell{CellKind::kFloat, number};
}

/// Bytes at which an unquoted cell ends. NUL is one: it stands behind the last byte of the text.
constexpr std::array<bool, 256> make_cell_ends() {
  std::array<bool, 256> ends{};
  for (const unsigned char c : {',', '\n', '\r', '\0'}) ends[c] = true;
  return ends;
}
constexpr std::array<bool, 256> kCellEnds = make_cell_ends();

/// One pass over the text. Quoted cells are unescaped where they stand, so that every cell is a
/// view into the text.
class CsvReader {
 public:
  CsvReader(std::string& text, const std::string& source)
      : source_(source), next_(text.data()), end_(text.data() + text.size()) {}

  void read(CsvTable& table) {
    if (next_ == end_) fail("{}: the file is empty", source_);
    if (std::string_view(next_, end_ - next_).substr(0, 3) == "\xEF\xBB\xBF") next_ += 3;
    if (!find_row()) fail("{}: the file has no header, only blank lines", source_);
    read_header(table.columns);
    while (find_row()) {
      table.lines.push_back(line_);
      read_row(table.columns);
    }
  }

 private:
  /// Skips blank lines; false at the end of the text.
  bool find_row() {
    while (next_ != end_) {
      char* c = next_;
      while (is_blank(*c)) ++c;
      if (*c != '\n' && *c != '\r' && c != end_) break;
      next_ = c;
      end_line();
    }
    row_begin_ = next_;
    row_line_ = line_;
    return next_ != end_;
  }

  void read_header(std::vector<CsvColumn>& columns) {
    std::map<std::string_view, std::size_t> seen;
    do {
      CsvColumn& column = columns.emplace_back();
      column.name = read_cell();
      if (column.name.empty()) column.name = fmt::format("Unnamed: {}", columns.size() - 1);
    } while (skip_comma());
    end_row();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto [first, is_new] = seen.emplace(columns[i].name, i);
      if (!is_new) {
        fail("{}, line {}: columns {} and {} are both called {}", source_, row_line_,
             first->second + 1, i + 1, in_quotes(columns[i].name));
      }
    }
  }

  void read_row(std::vector<CsvColumn>& columns) {
    std::size_t count = 0;
    do {
      const std::string_view cell = read_cell();
      if (count < columns.size()) columns[count].append(cell);
      ++count;
    } while (skip_comma());
    if (count > columns.size()) {
      fail("{}, line {}: {} cells, but the header has {}", source_, row_line_, count,
           columns.size());
    }
    for (; count < columns.size(); ++count) columns[count].append({});
    end_row();
  }

  std::string_view read_cell() {
    if (*next_ == '"') return read_quoted_cell();
    char* const begin = next_;
    find_cell_end();
    return {begin, static_cast<std::size_t>(next_ - begin)};
  }

  std::string_view read_quoted_cell() {
    const std::int64_t opened = line_;
    char* const begin = ++next_;
    char* write = begin;
    while (*next_ != '"' || next_[1] == '"') {
      if (*next_ == '\0' && next_ == end_) {
        fail("{}, line {}: the quote that opens here is never closed", source_, opened);
      }
      if (*next_ == '\0') fail_nul();
      if (*next_ == '"') ++next_;
      if (*next_ == '\n' || (*next_ == '\r' && next_[1] != '\n')) ++line_;
      *write++ = *next_++;
    }
    // As in pandas, what follows the closing quote is part of the cell.
    char* const rest = ++next_;
    find_cell_end();
    std::memmove(write, rest, next_ - rest);
    return {begin, static_cast<std::size_t>(write - begin + (next_ - rest))};
  }

  void find_cell_end() {
    while (!kCellEnds[static_cast<unsigned char>(*next_)]) ++next_;
    if (*next_ == '\0' && next_ != end_) fail_nul();
  }

  bool skip_comma() {
    if (*next_ != ',') return false;
    ++next_;
    return true;
  }

  void end_row() {
    if (next_ - row_begin_ > kMaxRowBytes) {
      fail("{}, line {}: the row is longer than {} MiB (is this a CSV file?)", source_, row_line_,
           kMaxRowBytes >> 20);
    }
    end_line();
  }

  void end_line() {
    if (*next_ == '\r') ++next_;
    if (*next_ == '\n') ++next_;
    ++line_;
  }

  [[noreturn]] void fail_nul() const {
    fail("{}, line {}: a NUL byte (is this a text file in UTF-8?)", source_, line_);
  }

  const std::string& source_;
  char* next_;
  char* const end_;
  std::int64_t line_ = 1;
  const char* row_begin_ = nullptr;
  std::int64_t row_line_ = 1;
};

bool needs_quotes(std::string_view cell) {
  return cell.find_first_of(",\"\r\n") != std::string_view::npos;
}

}  // namespace

Cell parse_cell(std::string_view text) {
  std::string_view trimmed = text;
  while (!trimmed.empty() && is_space(trimmed.front())) trimmed.remove_prefix(1);
  while (!trimmed.empty() && is_space(trimmed.back())) trimmed.remove_suffix(1);
  if (const auto number = parse_number(trimmed)) return *number;
  if (is_missing(text)) return {CellKind::kMissing, kNaN};
  if (const auto infinity = parse_infinity(text)) return {CellKind::kFloat, *infinity};
  return {CellKind::kText, kNaN};
}

void CsvColumn::append(std::string_view text) {
  const Cell cell = parse_cell(text);
  cells.push_back(text);
  numbers.push_back(cell.number);
  has_float |= cell.kind == CellKind::kFloat;
  has_missing |= cell.kind == CellKind::kMissing;
  has_text |= cell.kind == CellKind::kText;
}

CsvTable parse_csv(std::string text, const std::string& source) {
  const auto owned = std::make_shared<std::string>(std::move(text));
  CsvTable table;
  table.text = owned;
  CsvReader(*owned, source).read(table);
  return table;
}

void append_csv_row(const std::vector<std::string_view>& cells, std::string& text) {
  // A line that holds nothing but spaces would be skipped when read.
  const bool looks_blank =
      cells.size() == 1 && std::all_of(cells[0].begin(), cells[0].end(), is_blank);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) text += ',';
    if (!looks_blank && !needs_quotes(cells[i])) {
      text += cells[i];
      continue;
    }
    text += '"';
    for (const char c : cells[i]) text.append(c == '"' ? 2 : 1, c);
    text += '"';
  }
  text += '\n';
}

}  // namespace mobireg
