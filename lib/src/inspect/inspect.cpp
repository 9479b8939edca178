#include "mobireg/inspect/inspect.h"

#include <algorithm>
#include <mutex>
#include <set>

#include "core/fail.h"
#include "core/parallel_for.h"
#include "inspect/augmented_samples.h"
#include "inspect/findings.h"
#include "inspect/label_report.h"
#include "inspect/row_report.h"
#include "mobireg/core/threads.h"
#include "mobireg/data/dataset.h"

namespace mobireg {
namespace {

struct RowPlace {
  const ImageRegressionDataset* dataset = nullptr;
  std::int64_t index = 0;
};

/// The usable rows, where they lie, and how their images look.
struct ReadRows {
  RowTable table;
  std::vector<RowPlace> places;
  std::vector<ImageSignature> signatures;
};

bool has_crop(const RunConfig& config, const DatasetRow& row) {
  return !config.data.all_sets()[static_cast<std::size_t>(row.set)].box.empty();
}

TableRow table_row(const DatasetRow& row, RowSplit split) {
  const std::string where = row.csv.filename().string() + ":" + std::to_string(row.line);
  return {row.filename, where, row.group, row.set, split, row.targets, row.targets};
}

/// All rows, as yet without looking at their images.
ReadRows list_rows(const Datasets& sets, const RunConfig& config) {
  ReadRows rows;
  rows.table.outputs = config.model.outputs;
  rows.table.sets = config.data.all_sets();
  const PerSplit<const ImageRegressionDataset*> parts{&sets.train, &sets.validation, &sets.test};
  for (std::size_t split = 0; split < parts.size(); ++split) {
    for (std::int64_t i = 0; i < parts[split]->size(); ++i) {
      rows.table.rows.push_back(table_row(parts[split]->row(i), static_cast<RowSplit>(split)));
      rows.places.push_back({parts[split], i});
    }
  }
  rows.signatures.resize(rows.places.size());
  return rows;
}

void read_row(const RunConfig& config, const RowPlace& place, TableRow& row,
              ImageSignature& signature) {
  signature = signature_of(place.dataset->input_image(place.index).view());
  if (has_crop(config, place.dataset->row(place.index))) {
    row.targets = place.dataset->input_targets(place.index);
  }
}

/// Only the rows without a message stay.
void keep_readable(const std::vector<std::string>& messages, ReadRows& rows) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (!messages[i].empty()) continue;
    std::swap(rows.table.rows[kept], rows.table.rows[i]);
    rows.places[kept] = rows.places[i];
    rows.signatures[kept] = rows.signatures[i];
    ++kept;
  }
  rows.table.rows.resize(kept);
  rows.places.resize(kept);
  rows.signatures.resize(kept);
}

/// Looks at every image, once. Rows whose image turns out damaged go to `unreadable`.
ReadRows read_rows(const Datasets& sets, const RunConfig& config, int threads,
                   std::vector<std::string>& unreadable) {
  ReadRows rows = list_rows(sets, config);
  std::vector<std::string> messages(rows.places.size());
  parallel_for(static_cast<std::int64_t>(rows.places.size()), threads, [&](std::int64_t row) {
    const auto i = static_cast<std::size_t>(row);
    try {
      read_row(config, rows.places[i], rows.table.rows[i], rows.signatures[i]);
    } catch (const Error& error) {
      messages[i] = error.what();
    }
  });
  std::copy_if(messages.begin(), messages.end(), std::back_inserter(unreadable),
               [](const std::string& message) { return !message.empty(); });
  keep_readable(messages, rows);
  if (rows.table.rows.empty()) fail("no row can be used: {}", unreadable.front());
  return rows;
}

/// The CSV's name, with its folder's where others have the same.
std::string set_name(const RunConfig& config, std::size_t set) {
  const auto sets = config.data.all_sets();
  const auto file = sets[set].csv.filename();
  const auto alike = std::count_if(sets.begin(), sets.end(), [&](const DataSetConfig& other) {
    return other.csv.filename() == file;
  });
  return alike == 1 ? file.string() : (sets[set].csv.parent_path().filename() / file).string();
}

std::vector<SetCounts> count_rows(const RowTable& table, const RunConfig& config) {
  std::vector<SetCounts> counts(table.sets.size());
  std::vector<PerSplit<std::set<std::string>>> groups(table.sets.size());
  for (const TableRow& row : table.rows) {
    const auto set = static_cast<std::size_t>(row.set);
    const auto split = static_cast<std::size_t>(row.split);
    ++counts[set].rows[split];
    if (!row.group.empty()) groups[set][split].insert(row.group);
  }
  for (std::size_t set = 0; set < counts.size(); ++set) {
    counts[set].csv = set_name(config, set);
    for (std::size_t split = 0; split < groups[set].size(); ++split) {
      counts[set].groups[split] = static_cast<std::int64_t>(groups[set][split].size());
    }
  }
  return counts;
}

std::vector<AugmentedRow> draw_samples(const ReadRows& rows, const Datasets& sets,
                                       const RunConfig& config, const InspectOptions& options,
                                       const ShowRow& show) {
  const std::vector<std::int64_t> chosen = sample_rows(rows.table, options.samples);
  std::vector<std::int64_t> in_train;
  for (const std::int64_t row : chosen) {
    in_train.push_back(rows.places[static_cast<std::size_t>(row)].index);
  }
  auto draws = augmented_draws(sets.train, config, in_train, options.draws);
  std::vector<AugmentedRow> samples;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    samples.push_back({show(chosen[i]), std::move(draws[i])});
  }
  return samples;
}

}  // namespace

Inspection inspect(const RunConfig& config, const InspectOptions& options) {
  const int threads = options.threads > 0 ? options.threads : available_cores();
  DataConfig data = config.data;
  data.skip_bad_rows = true;
  Inspection result;
  std::mutex mutex;
  const Datasets sets = open_datasets(data, config.model, threads, [&](const std::string& text) {
    const std::lock_guard<std::mutex> lock(mutex);
    result.unreadable.push_back(text);
  });
  ReadRows rows = read_rows(sets, config, threads, result.unreadable);
  const RowTable& table = rows.table;
  const ShowRow show = [&](std::int64_t i) -> ShownRow {
    const TableRow& row = table.rows[static_cast<std::size_t>(i)];
    const RowPlace& place = rows.places[static_cast<std::size_t>(i)];
    return {
        row.filename, row.where, row.split, {place.dataset->input_image(place.index), row.targets}};
  };
  result.outputs = config.model.outputs;
  result.sets = count_rows(table, config);
  result.labels = summarize_labels(table);
  result.histograms = label_histograms(table);
  result.pair_plots = label_pair_plots(table);
  report_outliers(table, show, result);
  result.extremes = extreme_rows(table, show);
  result.duplicates = report_duplicates(table, std::move(rows.signatures), show, threads);
  result.samples = draw_samples(rows, sets, config, options, show);
  result.findings = find_what_needs_attention(table, config, result);
  return result;
}

}  // namespace mobireg
