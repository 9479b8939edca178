#include "report/times_csv.h"

#include <fmt/format.h>

#include <array>

#include "core/append_file.h"
#include "mobireg/core/file.h"
#include "mobireg/data/data_frame.h"

namespace mobireg {
namespace {

struct Column {
  const char* name;
  double EpochTimesRow::*value;
};

constexpr std::array<Column, 6> kColumns{{{"images_per_second", &EpochTimesRow::images_per_second},
                                          {"batches", &EpochTimesRow::batches},
                                          {"steps", &EpochTimesRow::steps},
                                          {"validation", &EpochTimesRow::validation},
                                          {"report", &EpochTimesRow::report},
                                          {"other", &EpochTimesRow::other}}};

std::string line_of(const EpochTimesRow& row) {
  std::string line = std::to_string(row.epoch);
  for (const Column& column : kColumns) line += fmt::format(",{:.4g}", row.*column.value);
  return line + "\n";
}

}  // namespace

std::vector<EpochTimesRow> read_times(const std::filesystem::path& path, int epochs) {
  std::vector<EpochTimesRow> rows;
  if (!std::filesystem::exists(path)) return rows;
  const DataFrame table = DataFrame::read_csv(path);
  const std::vector<double>& numbers = table.numbers_or_nan("epoch");
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (!(numbers[i] >= 1 && numbers[i] <= epochs)) continue;
    rows.push_back({static_cast<int>(numbers[i])});
    for (const Column& column : kColumns) {
      rows.back().*column.value = table.numbers_or_nan(column.name)[i];
    }
  }
  return rows;
}

TimesCsv::TimesCsv(std::filesystem::path path, int completed_epochs) : path_(std::move(path)) {
  rows_ = read_times(path_, completed_epochs);
  std::string text = "epoch";
  for (const Column& column : kColumns) text += std::string(",") + column.name;
  text += "\n";
  for (const EpochTimesRow& row : rows_) text += line_of(row);
  write_file_atomically(path_, text);
}

void TimesCsv::add(const EpochTimesRow& row) {
  rows_.push_back(row);
  append_to_file(path_, line_of(row), AppendUntil::kInFile);
}

}  // namespace mobireg
