#include "report/run_history.h"

#include <limits>

#include "mobireg/data/data_frame.h"

namespace mobireg {

RunHistory RunHistory::read(const std::filesystem::path& metrics_csv) {
  const DataFrame table = DataFrame::read_csv(metrics_csv);
  RunHistory history;
  history.epochs_ = table.numbers("epoch");
  for (const std::string& name : table.columns()) {
    history.columns_[name] = table.numbers_or_nan(name);
  }
  return history;
}

void RunHistory::add(const EpochDone& event, const std::vector<OutputConfig>& outputs) {
  const auto add_all = [&](const std::string& prefix, const MetricValues& values) {
    const std::vector<std::string> names = metric_names(outputs, prefix);
    const std::vector<double> cells = metric_cells(values);
    for (std::size_t i = 0; i < names.size(); ++i) columns_[names[i]].push_back(cells[i]);
  };
  epochs_.push_back(event.epoch);
  columns_["epoch"].push_back(event.epoch);
  columns_["step"].push_back(static_cast<double>(event.step));
  columns_["learning_rate"].push_back(event.learning_rate);
  add_all("", event.train);
  if (event.validation) add_all("val_", *event.validation);
}

std::vector<double> RunHistory::column(const std::string& name) const {
  const auto found = columns_.find(name);
  return found == columns_.end() ? std::vector<double>() : found->second;
}

std::vector<std::pair<double, double>> RunHistory::curve(const std::string& name) const {
  const std::vector<double> values = column(name);
  std::vector<std::pair<double, double>> points;
  for (std::size_t i = 0; i < values.size(); ++i) points.emplace_back(epochs_[i], values[i]);
  return points;
}

std::optional<std::size_t> RunHistory::best_row() const {
  const std::vector<double> maes = column("val_mae");
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < maes.size(); ++i) {
    if (maes[i] < (best ? maes[*best] : std::numeric_limits<double>::infinity())) best = i;
  }
  return best;
}

}  // namespace mobireg
