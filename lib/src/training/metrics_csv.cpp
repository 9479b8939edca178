#include "training/metrics_csv.h"

#include <fmt/format.h>

#include <cstdlib>

#include "core/append_file.h"
#include "mobireg/core/file.h"

namespace mobireg {
namespace {

template <class Cells>
std::string joined(const Cells& cells) {
  std::string text;
  for (const auto& cell : cells) text += fmt::format("{}{}", text.empty() ? "" : ",", cell);
  return text;
}

std::string header_line(const RunConfig& config, bool has_validation) {
  std::vector<std::string> names{"epoch", "step", "learning_rate"};
  for (auto& name : metric_names(config.model.outputs, "")) names.push_back(std::move(name));
  if (has_validation) {
    for (auto& name : metric_names(config.model.outputs, "val_")) names.push_back(std::move(name));
  }
  return joined(names) + "\n";
}

/// The whole lines of `text` after the header whose epoch is not above `epochs`.
std::string rows_up_to(const std::string& text, int epochs) {
  std::string kept;
  std::size_t begin = text.find('\n') + 1;
  for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    if (std::atoi(text.c_str() + begin) <= epochs) kept += text.substr(begin, end + 1 - begin);
  }
  return kept;
}

}  // namespace

MetricsCsv::MetricsCsv(std::filesystem::path path, const RunConfig& config, bool has_validation,
                       int completed_epochs)
    : path_(std::move(path)) {
  std::string text = header_line(config, has_validation);
  if (completed_epochs > 0 && std::filesystem::exists(path_)) {
    text += rows_up_to(read_file(path_), completed_epochs);
  }
  write_file_atomically(path_, text);
}

void MetricsCsv::on_epoch(const EpochDone& event) {
  std::string line = fmt::format("{},{},{}", event.epoch, event.step, event.learning_rate);
  line += "," + joined(metric_cells(event.train));
  if (event.validation) line += "," + joined(metric_cells(*event.validation));
  append_to_file(path_, line + "\n", AppendUntil::kOnDisk);
}

}  // namespace mobireg
