#include "mobireg/data/data_frame.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/fail.h"
#include "data/csv.h"
#include "mobireg/core/file.h"
#include "mobireg/core/random.h"
#include "mobireg/core/text.h"

namespace mobireg {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

ColumnType choose_type(const CsvColumn& column) {
  if (column.has_text || column.cells.empty()) return ColumnType::kString;
  return column.has_float || column.has_missing ? ColumnType::kFloat64 : ColumnType::kInt64;
}

/// The shortest text that reads back as this double, and as a float; empty for NaN.
std::string number_text(double number) {
  if (std::isnan(number)) return "";
  std::string text = fmt::format("{}", number);
  const bool looks_integer = text.find_first_not_of("-0123456789") == std::string::npos;
  return looks_integer ? text + ".0" : text;
}

/// The q-quantile of sorted numbers, linearly interpolated as numpy does.
double quantile(const std::vector<double>& sorted, double q) {
  const double position = q * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(position);
  const double a = sorted[low];
  const double b = sorted[std::min(low + 1, sorted.size() - 1)];
  const double t = position - static_cast<double>(low);
  return t < 0.5 ? a + (b - a) * t : b - (b - a) * (1 - t);
}

/// count, mean, std, min, 25 %, 50 %, 75 %, max of the numbers that are not NaN.
std::vector<double> statistics(std::vector<double> numbers) {
  numbers.erase(std::remove_if(numbers.begin(), numbers.end(), [](double x) { return x != x; }),
                numbers.end());
  if (numbers.empty()) return {0, kNaN, kNaN, kNaN, kNaN, kNaN, kNaN, kNaN};
  std::sort(numbers.begin(), numbers.end());
  const auto count = static_cast<double>(numbers.size());
  const double mean = std::accumulate(numbers.begin(), numbers.end(), 0.0L) / count;
  long double squares = 0;
  for (const double number : numbers) {
    const long double distance = static_cast<long double>(number) - mean;
    squares += distance * distance;
  }
  const double std = std::sqrt(static_cast<double>(squares) / (count - 1));
  return {count,
          mean,
          std,
          numbers.front(),
          quantile(numbers, 0.25),
          quantile(numbers, 0.5),
          quantile(numbers, 0.75),
          numbers.back()};
}

template <typename T>
std::vector<T> gather(const std::vector<T>& values, const std::vector<std::int64_t>& rows) {
  std::vector<T> result;
  result.reserve(rows.size());
  for (const std::int64_t row : rows) result.push_back(values[static_cast<std::size_t>(row)]);
  return result;
}

}  // namespace

DataFrame DataFrame::read_csv(const std::filesystem::path& path) {
  return from_string(read_file(path), path.string());
}

DataFrame DataFrame::from_string(std::string text, std::string source) {
  CsvTable table = parse_csv(std::move(text), source);
  DataFrame frame;
  frame.source_ = std::move(source);
  frame.lines_ = std::move(table.lines);
  for (CsvColumn& column : table.columns) {
    const ColumnType type = choose_type(column);
    frame.append(std::move(column.name),
                 std::make_shared<Column>(
                     Column{type, std::move(column.cells), std::move(column.numbers), table.text}));
  }
  return frame;
}

void DataFrame::append(std::string name, std::shared_ptr<const Column> column) {
  positions_.emplace(name, names_.size());
  names_.push_back(std::move(name));
  columns_.push_back(std::move(column));
}

void DataFrame::check_new_column(const std::string& name, std::size_t size) {
  if (has_column(name)) fail("there is a column {} already", in_quotes(name));
  if (names_.empty() && lines_.empty()) lines_.assign(size, 0);
  if (size != lines_.size()) {
    fail("column {} has {} rows, the frame {}", in_quotes(name), size, lines_.size());
  }
}

void DataFrame::add_column(std::string name, std::vector<double> numbers) {
  check_new_column(name, numbers.size());
  std::vector<std::string> texts;
  texts.reserve(numbers.size());
  for (const double number : numbers) texts.push_back(number_text(number));
  const auto owned = std::make_shared<const std::vector<std::string>>(std::move(texts));
  append(std::move(name),
         std::make_shared<Column>(Column{
             ColumnType::kFloat64, {owned->begin(), owned->end()}, std::move(numbers), owned}));
}

void DataFrame::add_column(std::string name, std::vector<std::string> texts) {
  check_new_column(name, texts.size());
  std::vector<double> numbers;
  numbers.reserve(texts.size());
  for (const std::string& text : texts) numbers.push_back(parse_cell(text).number);
  const auto owned = std::make_shared<const std::vector<std::string>>(std::move(texts));
  append(std::move(name),
         std::make_shared<Column>(Column{
             ColumnType::kString, {owned->begin(), owned->end()}, std::move(numbers), owned}));
}

const DataFrame::Column& DataFrame::column(std::string_view name) const {
  const auto found = positions_.find(name);
  if (found != positions_.end()) return *columns_[found->second];
  const std::string prefix = source_.empty() ? "" : source_ + ": ";
  const std::string nearest = nearest_name(name, names_);
  if (!nearest.empty()) {
    fail("{}no column {} (did you mean {}?)", prefix, in_quotes(name), in_quotes(nearest));
  }
  constexpr std::size_t kMaxListed = 10;
  const std::size_t listed = std::min(names_.size(), kMaxListed);
  std::vector<std::string> known;
  for (std::size_t i = 0; i < listed; ++i) known.push_back(in_quotes(names_[i]));
  fail("{}no column {} (there are: {}{})", prefix, in_quotes(name), fmt::join(known, ", "),
       listed < names_.size() ? ", ..." : "");
}

const std::vector<double>& DataFrame::numbers(std::string_view name) const& {
  const Column& wanted = column(name);
  if (wanted.type != ColumnType::kString) return wanted.numbers;
  std::int64_t first = -1;
  std::int64_t others = -1;
  for (std::int64_t row = 0; row < rows(); ++row) {
    const std::string_view cell = wanted.cells[static_cast<std::size_t>(row)];
    if (parse_cell(cell).kind != CellKind::kText) continue;
    if (first < 0) first = row;
    ++others;
  }
  if (first < 0) return wanted.numbers;
  fail("{}: column {} is not numeric: {} is no number{}", where(first), in_quotes(name),
       in_quotes(wanted.cells[static_cast<std::size_t>(first)]),
       others == 0 ? "" : fmt::format(" (nor are {} more cells)", others));
}

const std::vector<double>& DataFrame::numbers_or_nan(std::string_view name) const& {
  return column(name).numbers;
}

const std::vector<std::string_view>& DataFrame::strings(std::string_view name) const& {
  return column(name).cells;
}

bool DataFrame::is_missing(std::string_view name, std::int64_t row) const {
  return parse_cell(column(name).cells.at(static_cast<std::size_t>(row))).kind ==
         CellKind::kMissing;
}

std::string DataFrame::where(std::int64_t row) const {
  if (row_line(row) == 0) return fmt::format("row {}", row);
  return fmt::format("{}, line {}", source_, row_line(row));
}

DataFrame DataFrame::select(const std::vector<std::string>& names) const {
  DataFrame frame;
  frame.source_ = source_;
  frame.lines_ = lines_;
  for (const std::string& name : names) {
    column(name);
    if (frame.has_column(name)) fail("column {} is selected twice", in_quotes(name));
    frame.append(name, columns_[positions_.find(name)->second]);
  }
  return frame;
}

DataFrame DataFrame::rows_at(const std::vector<std::int64_t>& rows) const {
  for (const std::int64_t row : rows) {
    if (row < 0 || row >= this->rows()) fail("no row {} in a frame of {}", row, this->rows());
  }
  DataFrame frame;
  frame.source_ = source_;
  frame.lines_ = gather(lines_, rows);
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const Column& whole = *columns_[i];
    frame.append(names_[i],
                 std::make_shared<Column>(Column{whole.type, gather(whole.cells, rows),
                                                 gather(whole.numbers, rows), whole.cells_of}));
  }
  return frame;
}

DataFrame DataFrame::filter(const std::function<bool(std::int64_t row)>& keep) const {
  std::vector<std::int64_t> kept;
  for (std::int64_t row = 0; row < rows(); ++row) {
    if (keep(row)) kept.push_back(row);
  }
  return rows_at(kept);
}

DataFrame DataFrame::head(std::int64_t n) const {
  return filter([n](std::int64_t row) { return row < n; });
}

std::pair<DataFrame, DataFrame> DataFrame::split(double fraction) const {
  if (!(fraction >= 0 && fraction <= 1)) {
    fail("cannot split a frame at {}: the fraction must be between 0 and 1", fraction);
  }
  const auto first = static_cast<std::int64_t>(static_cast<double>(rows()) * fraction);
  return {head(first), filter([first](std::int64_t row) { return row >= first; })};
}

DataFrame DataFrame::shuffle(std::uint64_t seed) const {
  Random random(derive_seed(seed, "DataFrame::shuffle"));
  return rows_at(permutation(rows(), random));
}

DataFrame DataFrame::describe() const {
  DataFrame result;
  result.add_column(
      "", std::vector<std::string>{"count", "mean", "std", "min", "25%", "50%", "75%", "max"});
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (columns_[i]->type == ColumnType::kString) continue;
    result.add_column(names_[i], statistics(columns_[i]->numbers));
  }
  return result;
}

std::string DataFrame::to_string() const {
  std::vector<std::vector<std::string>> lines(lines_.size() + 1);
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const Column& column = *columns_[i];
    std::vector<std::string> cells{names_[i]};
    for (std::size_t row = 0; row < lines_.size(); ++row) {
      const bool text = column.type == ColumnType::kString;
      cells.push_back(text ? std::string(column.cells[row])
                           : fmt::format("{:.6g}", column.numbers[row]));
    }
    std::size_t width = 0;
    for (const std::string& cell : cells) width = std::max(width, cell.size());
    for (std::size_t row = 0; row < cells.size(); ++row) {
      lines[row].push_back(fmt::format("{:>{}}", cells[row], width));
    }
  }
  std::string text;
  for (const auto& line : lines) text += fmt::format("{}\n", fmt::join(line, "  "));
  return text;
}

std::string DataFrame::to_csv() const {
  std::string text;
  append_csv_row({names_.begin(), names_.end()}, text);
  std::vector<std::string_view> cells(names_.size());
  for (std::size_t row = 0; row < lines_.size(); ++row) {
    for (std::size_t i = 0; i < names_.size(); ++i) cells[i] = columns_[i]->cells[row];
    append_csv_row(cells, text);
  }
  return text;
}

void DataFrame::write_csv(const std::filesystem::path& path) const {
  write_file_atomically(path, to_csv());
}

}  // namespace mobireg
