#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "core/fail.h"
#include "core/parallel_for.h"
#include "data/split.h"
#include "mobireg/core/text.h"
#include "mobireg/data/data_frame.h"
#include "mobireg/data/dataset.h"

namespace mobireg {
namespace {

/// The rows of one CSV with what is wrong with each ("" when nothing is).
struct CheckedRows {
  DataFrame frame;
  std::vector<DatasetEntry> entries;
  std::vector<std::string> problems;
};

struct OpenRequest {
  const DataConfig& data;
  const ModelConfig& model;
  int threads;
  const WarningCallback& warn;
};

bool keeps_images(const OpenRequest& request, std::int64_t rows) {
  if (request.data.mode != ImageMode::kAuto) return request.data.mode == ImageMode::kMemory;
  const InputConfig& input = request.model.input;
  const double needed = static_cast<double>(rows) * input.size * input.size * input.channels();
  const double installed =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
  return needed <= installed / 4;
}

void check_labels(const DataConfig& data, CheckedRows& rows) {
  const DataFrame& frame = rows.frame;
  for (const std::string& column : data.y_col) {
    const auto& numbers = frame.numbers_or_nan(column);
    const auto& texts = frame.strings(column);
    for (std::size_t i = 0; i < rows.entries.size(); ++i) {
      rows.entries[i].row.targets.push_back(static_cast<float>(numbers[i]));
      if (!std::isfinite(rows.entries[i].row.targets.back()) && rows.problems[i].empty()) {
        rows.problems[i] = fmt::format("{} is {}, not a number", column, in_quotes(texts[i]));
      }
    }
  }
}

/// Decodes every image, which is the only sure check, and keeps it in memory mode.
void check_images(const OpenRequest& request, CheckedRows& rows) {
  const bool keep = keeps_images(request, static_cast<std::int64_t>(rows.entries.size()));
  const auto check = [&](std::int64_t row) {
    const auto i = static_cast<std::size_t>(row);
    if (!rows.problems[i].empty()) return;
    try {
      auto image =
          std::make_shared<const Image>(read_image(rows.entries[i].row.path, request.model.input));
      if (keep) rows.entries[i].image = std::move(image);
    } catch (const std::exception& error) {  // one bad file must not end the check of the others
      rows.problems[i] = error.what();
    }
  };
  parallel_for(static_cast<std::int64_t>(rows.entries.size()), request.threads, check);
}

CheckedRows check_rows(const OpenRequest& request, const std::filesystem::path& csv,
                       const std::filesystem::path& directory) {
  const DataConfig& data = request.data;
  CheckedRows rows{DataFrame::read_csv(csv), {}, {}};
  const DataFrame& frame = rows.frame;
  if (frame.rows() == 0) fail("{}: it has no rows", csv.string());
  const auto& filenames = frame.strings(data.x_col);
  for (std::int64_t i = 0; i < frame.rows(); ++i) {
    const std::string filename(filenames[static_cast<std::size_t>(i)]);
    rows.entries.push_back({{filename, directory / filename, csv, frame.row_line(i), {}}, nullptr});
    rows.problems.emplace_back(filename.empty() ? data.x_col + " is empty" : "");
  }
  check_labels(data, rows);
  check_images(request, rows);
  return rows;
}

/// Throws or warns about bad rows; returns the numbers of the good ones.
std::vector<std::int64_t> good_rows(const OpenRequest& request, const CheckedRows& rows) {
  constexpr std::size_t kListed = 10;
  std::vector<std::int64_t> good;
  std::string list;
  std::size_t bad = 0;
  for (std::size_t i = 0; i < rows.problems.size(); ++i) {
    if (rows.problems[i].empty()) {
      good.push_back(static_cast<std::int64_t>(i));
    } else if (++bad <= kListed) {
      list += fmt::format("; line {}: {}", rows.entries[i].row.line, rows.problems[i]);
    }
  }
  if (bad == 0) return good;
  if (bad > kListed) list += fmt::format("; and {} more", bad - kListed);
  const std::string csv = rows.entries[0].row.csv.string();
  if (good.empty()) fail("{}: none of its {} rows can be used{}", csv, bad, list);
  if (!request.data.skip_bad_rows) {
    fail("{}: {} of {} rows cannot be used (data.skip_bad_rows leaves them out){}", csv, bad,
         rows.problems.size(), list);
  }
  if (request.warn) {
    request.warn(fmt::format("{}: left out {} of {} rows{}", csv, bad, rows.problems.size(), list));
  }
  return good;
}

ImageRegressionDataset subset(const CheckedRows& rows, const std::vector<std::int64_t>& chosen,
                              const InputConfig& input) {
  std::vector<DatasetEntry> entries;
  for (const std::int64_t row : chosen)
    entries.push_back(rows.entries[static_cast<std::size_t>(row)]);
  return {std::move(entries), input};
}

ImageRegressionDataset open_all(const OpenRequest& request, const std::filesystem::path& csv,
                                const std::filesystem::path& directory) {
  const CheckedRows rows = check_rows(request, csv, directory);
  return subset(rows, good_rows(request, rows), request.model.input);
}

/// Takes a split's rows out of `rest`, or opens its own CSV.
ImageRegressionDataset take_split(const OpenRequest& request, const SplitConfig& split,
                                  const CheckedRows& rows, std::vector<std::int64_t>& rest) {
  if (split.rule == SplitRule::kCsv) {
    return open_all(request, split.csv, split.csv.parent_path());
  }
  const auto chosen = choose_rows(split, rows.frame, request.data.x_col, rest);
  std::vector<std::int64_t> left;
  std::set_difference(rest.begin(), rest.end(), chosen.begin(), chosen.end(),
                      std::back_inserter(left));
  rest = std::move(left);
  return subset(rows, chosen, request.model.input);
}

void check_not_empty(const ImageRegressionDataset& set, const SplitConfig& split,
                     const std::filesystem::path& csv, const char* name) {
  if (set.size() > 0 || split.rule == SplitRule::kNone) return;
  fail("{}: data.{} sets no rows aside; use rule none to go without", csv.string(), name);
}

}  // namespace

Datasets open_datasets(const DataConfig& data, const ModelConfig& model, int threads,
                       const WarningCallback& warn) {
  const OpenRequest request{data, model, threads, warn};
  const CheckedRows rows = check_rows(request, data.csv, data.directory);
  std::vector<std::int64_t> rest = good_rows(request, rows);
  Datasets sets;
  sets.test = take_split(request, data.test, rows, rest);
  sets.validation = take_split(request, data.validation, rows, rest);
  sets.train = subset(rows, rest, model.input);
  if (sets.train.size() < 2) {
    fail("{}: {} rows are left to train on ({} test, {} validation); at least 2 are needed",
         data.csv.string(), sets.train.size(), sets.test.size(), sets.validation.size());
  }
  check_not_empty(sets.test, data.test, data.csv, "test");
  check_not_empty(sets.validation, data.validation, data.csv, "validation");
  return sets;
}

ImageRegressionDataset open_dataset(const std::filesystem::path& csv, const DataConfig& data,
                                    const ModelConfig& model, int threads,
                                    const WarningCallback& warn) {
  const OpenRequest request{data, model, threads, warn};
  const auto directory = data.directory.empty() ? csv.parent_path() : data.directory;
  return open_all(request, csv, directory);
}

}  // namespace mobireg
