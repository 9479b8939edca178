#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mobireg/config/model_config.h"
#include "mobireg/training/observer.h"

namespace mobireg {

/// A run's metrics.csv, column by column.
class RunHistory {
 public:
  /// Throws Error when the file cannot be read or has no column `epoch`.
  static RunHistory read(const std::filesystem::path& metrics_csv);

  void add(const EpochDone& event, const std::vector<OutputConfig>& outputs);

  std::size_t rows() const { return epochs_.size(); }
  bool has(const std::string& name) const { return columns_.count(name) > 0; }

  /// A column's values, one an epoch. Empty where there is no such column.
  std::vector<double> column(const std::string& name) const;

  /// (epoch, value) of a column.
  std::vector<std::pair<double, double>> curve(const std::string& name) const;

  /// Which row has the lowest validation MAE; none where there is no validation.
  std::optional<std::size_t> best_row() const;
  int epoch(std::size_t row) const { return static_cast<int>(epochs_[row]); }

 private:
  std::vector<double> epochs_;
  std::map<std::string, std::vector<double>> columns_;
};

}  // namespace mobireg
