#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "augmentation/geometry.h"
#include "core/fail.h"
#include "data/checked_rows.h"
#include "data/image_store.h"
#include "data/split.h"
#include "mobireg/core/text.h"

namespace mobireg {
namespace {

using Rows = std::vector<std::int64_t>;

struct OpenRequest {
  const DataConfig& data;
  const ModelConfig& model;
  int threads;
  const WarningCallback& warn;
};

/// Good rows of some data sets, with all that is needed to read their images.
struct RowList {
  std::vector<CheckedRow> rows;
  std::vector<int> sources;  // of each row
};

/// The rows of a run by what they are for; the sources are those of all of them.
struct SplitLists {
  RowList train, validation, test;
  std::vector<ImageSource> sources;
};

/// Lists what is wrong, or is left out with a warning; `total` rows were looked at in `csv`.
void refuse_or_warn(const OpenRequest& request, const std::string& csv,
                    const std::vector<const CheckedRow*>& bad, std::size_t total) {
  constexpr std::size_t kListed = 10;
  std::string list;
  for (std::size_t i = 0; i < std::min(bad.size(), kListed); ++i) {
    const std::int64_t line = bad[i]->row.line;
    list += (line == 0 ? "; " : fmt::format("; line {}: ", line)) + bad[i]->problem;
  }
  if (bad.size() > kListed) list += fmt::format("; and {} more", bad.size() - kListed);
  if (bad.size() == total) fail("{}: none of its {} rows can be used{}", csv, total, list);
  if (!request.data.skip_bad_rows) {
    fail("{}: {} of {} rows cannot be used (data.skip_bad_rows leaves them out){}", csv, bad.size(),
         total, list);
  }
  if (request.warn) {
    request.warn(fmt::format("{}: left out {} of {} rows{}", csv, bad.size(), total, list));
  }
}

/// Throws or warns about bad rows; returns the numbers of the good ones.
Rows good_rows(const OpenRequest& request, const CheckedRows& checked) {
  Rows good;
  std::vector<const CheckedRow*> bad;
  for (std::size_t i = 0; i < checked.rows.size(); ++i) {
    if (checked.rows[i].problem.empty()) {
      good.push_back(static_cast<std::int64_t>(i));
    } else {
      bad.push_back(&checked.rows[i]);
    }
  }
  const std::string csv = checked.rows[0].row.csv.string();
  if (!bad.empty()) refuse_or_warn(request, csv, bad, checked.rows.size());
  return good;
}

SplitRows split_rows(const CheckedRows& checked, bool has_groups) {
  SplitRows all;
  for (const CheckedRow& row : checked.rows) {
    all.filenames.push_back(row.row.filename);
    if (has_groups) all.groups.push_back(row.row.group);
  }
  return all;
}

void append(RowList& list, const CheckedRows& checked, const Rows& chosen, int source) {
  for (const std::int64_t row : chosen) {
    list.rows.push_back(checked.rows[static_cast<std::size_t>(row)]);
    list.sources.push_back(source);
  }
}

/// A person in training and test would make the test worth nothing.
void check_groups(const SplitLists& lists, int set) {
  std::map<std::string, const char*> seen;
  const auto check = [&](const RowList& list, const char* split) {
    for (const CheckedRow& row : list.rows) {
      if (row.row.set != set || row.row.group.empty()) continue;
      const auto [first, is_new] = seen.emplace(row.row.group, split);
      if (is_new || first->second == split) continue;
      fail("{}: the group {} is split between {} and {} ({}); groups must stay together",
           row.row.csv.string(), in_quotes(row.row.group), first->second, split, row.row.where());
    }
  };
  check(lists.train, "training");
  check(lists.validation, "validation");
  check(lists.test, "test");
}

/// Splits one data set and appends its rows to the lists.
class SetOpener {
 public:
  SetOpener(const OpenRequest& request, const DataSetConfig& set, int number, SplitLists& lists)
      : request_(request), set_(set), number_(number), lists_(lists) {}

  void open(const DataFrame& frame) {
    const CheckedRows checked = check_rows(check_request(), frame, set_.directory);
    rest_ = good_rows(request_, checked);
    const bool has_groups = !set_.group_column.empty() || !set_.group_pattern.empty();
    const SplitRows all = split_rows(checked, has_groups);
    const int train = add_source(checked, set_.crop_margin);
    const int fixed = add_source(checked, fixed_margin());
    take(set_.test, "test", checked, all, fixed, lists_.test);
    take(set_.validation, "validation", checked, all, fixed, lists_.validation);
    append(lists_.train, checked, rest_, train);
    check_groups(lists_, number_);
  }

 private:
  CheckRequest check_request() const {
    return {request_.data, set_, number_, request_.model, request_.threads};
  }

  Range fixed_margin() const { return {middle(set_.crop_margin), middle(set_.crop_margin)}; }

  int add_source(const CheckedRows& checked, const Range& margin) {
    lists_.sources.push_back({checked.folder, !set_.box.empty(), margin});
    return static_cast<int>(lists_.sources.size()) - 1;
  }

  void take(const SplitConfig& split, const char* name, const CheckedRows& checked,
            const SplitRows& all, int source, RowList& list) {
    if (split.rule == SplitRule::kCsv) {
      const CheckedRows other =
          check_rows(check_request(), DataFrame::read_csv(split.csv), split.csv.parent_path());
      append(list, other, good_rows(request_, other), add_source(other, fixed_margin()));
      return;
    }
    const Rows chosen = choose_rows(split, all, rest_);
    if (chosen.empty() && split.rule != SplitRule::kNone) {
      fail("{}: data.{} sets no rows aside; use rule none to go without", set_.csv.string(), name);
    }
    Rows left;
    std::set_difference(rest_.begin(), rest_.end(), chosen.begin(), chosen.end(),
                        std::back_inserter(left));
    rest_ = std::move(left);
    append(list, checked, chosen, source);
  }

  const OpenRequest& request_;
  const DataSetConfig& set_;
  int number_;
  SplitLists& lists_;
  Rows rest_;
};

bool keeps_images(const OpenRequest& request, std::size_t bytes) {
  if (request.data.mode != ImageMode::kAuto) return request.data.mode == ImageMode::kMemory;
  const double installed =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
  return static_cast<double>(bytes) <= installed / 4;
}

std::shared_ptr<ImageStore> make_store(const OpenRequest& request, const RowList& list,
                                       const std::vector<ImageSource>& sources) {
  std::vector<StoreItem> items;
  for (std::size_t i = 0; i < list.rows.size(); ++i) {
    const CheckedRow& row = list.rows[i];
    const bool has_box = sources[static_cast<std::size_t>(list.sources[i])].has_box;
    items.push_back({row.row.filename, row.row.where(), list.sources[i], has_box ? row.width : 1,
                     has_box ? row.height : 1, row.box});
  }
  const auto max_pixels = static_cast<std::uint64_t>(request.data.max_megapixels * 1e6);
  return std::make_shared<ImageStore>(request.model.input, max_pixels, sources, std::move(items));
}

/// The rows whose images could be read; the others are refused or told.
Rows readable_rows(const OpenRequest& request, RowList& list,
                   const std::vector<std::string>& problems) {
  Rows readable;
  std::map<std::string, std::vector<const CheckedRow*>> bad;  // by CSV
  std::map<std::string, std::size_t> total;
  for (std::size_t i = 0; i < list.rows.size(); ++i) {
    CheckedRow& row = list.rows[i];
    ++total[row.row.csv.string()];
    if (problems[i].empty()) {
      readable.push_back(static_cast<std::int64_t>(i));
    } else {
      row.problem = problems[i];
      bad[row.row.csv.string()].push_back(&row);
    }
  }
  for (const auto& [csv, rows] : bad) refuse_or_warn(request, csv, rows, total[csv]);
  return readable;
}

ImageRegressionDataset make_dataset(const OpenRequest& request, RowList& list,
                                    const std::shared_ptr<ImageStore>& store, bool keep) {
  std::vector<std::string> problems(list.rows.size());
  if (keep) problems = store->load(request.threads, request.data.cache, request.warn);
  Rows positions = readable_rows(request, list, problems);
  std::vector<DatasetRow> rows;
  for (const std::int64_t position : positions) {
    rows.push_back(std::move(list.rows[static_cast<std::size_t>(position)].row));
  }
  return {std::move(rows), store, std::move(positions),
          std::make_shared<const LabelTransform>(request.model)};
}

}  // namespace

Datasets open_datasets(const DataConfig& data, const ModelConfig& model, int threads,
                       const WarningCallback& warn, const std::vector<TrainingRows>& more) {
  const OpenRequest request{data, model, threads, warn};
  const std::vector<DataSetConfig> all_sets = data.all_sets();
  SplitLists lists;
  for (std::size_t i = 0; i < all_sets.size(); ++i) {
    SetOpener(request, all_sets[i], static_cast<int>(i), lists)
        .open(DataFrame::read_csv(all_sets[i].csv));
  }
  for (std::size_t i = 0; i < more.size(); ++i) {
    DataSetConfig set = more[i].set;
    set.test.rule = set.validation.rule = SplitRule::kNone;
    SetOpener(request, set, static_cast<int>(all_sets.size() + i), lists).open(more[i].frame);
  }
  if (lists.train.rows.size() < 2) {
    fail("{}: {} rows are left to train on ({} test, {} validation); at least 2 are needed",
         all_sets[0].csv.string(), lists.train.rows.size(), lists.test.rows.size(),
         lists.validation.rows.size());
  }
  const auto train = make_store(request, lists.train, lists.sources);
  const auto validation = make_store(request, lists.validation, lists.sources);
  const auto test = make_store(request, lists.test, lists.sources);
  const bool keep = keeps_images(request, train->bytes() + validation->bytes() + test->bytes());
  Datasets sets;
  sets.train = make_dataset(request, lists.train, train, keep);
  sets.validation = make_dataset(request, lists.validation, validation, keep);
  sets.test = make_dataset(request, lists.test, test, keep);
  return sets;
}

ImageRegressionDataset open_dataset(const DataFrame& frame, const DataConfig& data,
                                    const ModelConfig& model, int threads,
                                    const WarningCallback& warn) {
  const OpenRequest request{data, model, threads, warn};
  const auto directory = data.directory.empty() ? data.csv.parent_path() : data.directory;
  const CheckedRows checked = check_rows({data, data, 0, model, threads}, frame, directory);
  RowList list;
  append(list, checked, good_rows(request, checked), 0);
  const double margin = middle(data.crop_margin);
  const auto store =
      make_store(request, list, {{checked.folder, !data.box.empty(), {margin, margin}}});
  return make_dataset(request, list, store, keeps_images(request, store->bytes()));
}

ImageRegressionDataset open_dataset(const DataConfig& data, const ModelConfig& model, int threads,
                                    const WarningCallback& warn) {
  return open_dataset(DataFrame::read_csv(data.csv), data, model, threads, warn);
}

}  // namespace mobireg
