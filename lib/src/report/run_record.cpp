#include "report/run_record.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/fail.h"
#include "inspect/statistics.h"
#include "mobireg/core/file.h"
#include "mobireg/evaluation/evaluate_file.h"
#include "mobireg/model/summary.h"
#include "report/run_history.h"
#include "report/times_csv.h"

namespace mobireg {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kTestFile = "test.json";

RunConfig config_of(const std::filesystem::path& run_dir) {
  const auto file = run_dir / "config.json";
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    fail("{}: not a run's folder (it has no config.json)", run_dir.string());
  }
  return run_config_from_json(read_file(file), file.string());
}

MaeByOutput validation_at(const RunHistory& history, std::size_t row,
                          const std::vector<OutputConfig>& outputs) {
  MaeByOutput errors{history.column("val_mae")[row], {}};
  for (const OutputConfig& output : outputs) {
    const std::vector<double> maes = history.column("val_" + output.name + "_mae");
    errors.outputs.push_back(row < maes.size() ? maes[row] : NAN);
  }
  return errors;
}

std::optional<double> median_speed(const std::vector<EpochTimesRow>& times) {
  std::vector<double> speeds;
  for (const EpochTimesRow& row : times) speeds.push_back(row.images_per_second);
  const std::vector<double> sorted = sorted_present(speeds);
  if (sorted.empty()) return std::nullopt;
  return quantile(sorted, 0.5);
}

/// What test.json says of the best epoch; nothing where it says nothing of that one.
std::optional<MaeByOutput> recorded_test(const RunRecord& run) {
  const auto file = run.path / kTestFile;
  if (!run.best_epoch || !std::filesystem::exists(file)) return std::nullopt;
  const Json json = Json::parse(read_file(file), nullptr, false);
  const auto& outputs = run.config.model.outputs;
  try {
    if (json.at("epoch") != *run.best_epoch) return std::nullopt;
    MaeByOutput errors{json.at("mae").get<double>(), {}};
    for (const OutputConfig& output : outputs) {
      errors.outputs.push_back(json.at("outputs").at(output.name).get<double>());
    }
    return errors;
  } catch (const nlohmann::json::exception&) {
    fail("{}: it is damaged; remove it, and --test makes it again", file.string());
  }
}

void record_test(const RunRecord& run, std::int64_t rows) {
  Json json;
  json["epoch"] = *run.best_epoch;
  json["rows"] = rows;
  json["mae"] = run.test->mae;
  for (std::size_t k = 0; k < run.test->outputs.size(); ++k) {
    json["outputs"][run.config.model.outputs[k].name] = run.test->outputs[k];
  }
  write_file_atomically(run.path / kTestFile, json.dump(2) + "\n");
}

bool has_test_rows(const DataConfig& data) {
  const auto sets = data.all_sets();
  return std::any_of(sets.begin(), sets.end(),
                     [](const DataSetConfig& set) { return set.test.rule != SplitRule::kNone; });
}

}  // namespace

RunRecord read_run_record(const std::filesystem::path& run_dir) {
  RunRecord run;
  run.path = std::filesystem::absolute(run_dir).lexically_normal();
  if (run.path.filename().empty()) run.path = run.path.parent_path();  // "runs/a/"
  run.name = run.path.filename().string();
  run.config = config_of(run.path);
  run.parameters = summarize(run.config.model).parameters;
  const auto metrics = run.path / "metrics.csv";
  if (!std::filesystem::exists(metrics)) return run;
  const RunHistory history = RunHistory::read(metrics);
  if (history.rows() == 0) return run;
  run.epochs = history.epoch(history.rows() - 1);
  if (const auto best = history.best_row()) {
    run.best_epoch = history.epoch(*best);
    run.validation = validation_at(history, *best, run.config.model.outputs);
  }
  run.images_per_second = median_speed(read_times(run.path / "times.csv", run.epochs));
  run.test = recorded_test(run);
  return run;
}

void evaluate_test_rows(RunRecord& run, const CompareOptions& options) {
  EvaluateOptions evaluate;
  evaluate.file = run.path / "checkpoints" / "best.safetensors";
  if (!run.best_epoch || !has_test_rows(run.config.data)) return;
  if (!std::filesystem::exists(evaluate.file)) return;
  evaluate.rows = RowSet::kTest;
  evaluate.threads = options.threads;
  evaluate.warn = options.warn;
  const Evaluation evaluation = evaluate_file(evaluate);
  MaeByOutput errors;
  double labelled = 0;
  for (const OutputErrors& output : evaluation.outputs) {
    errors.outputs.push_back(output.mae);
    if (std::isnan(output.mae)) continue;
    errors.mae += output.mae;
    ++labelled;
  }
  errors.mae /= labelled;
  run.test = errors;
  record_test(run, evaluation.rows);
}

}  // namespace mobireg
