#include "mobireg/training/validation.h"

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "mobireg/core/threads.h"
#include "mobireg/data/prefetcher.h"
#include "mobireg/model/head_outputs.h"

namespace mobireg {
namespace {

/// Collects what is said of batch after batch.
class RowCollector {
 public:
  void add(const at::Tensor& outputs, const Batch& batch) {
    rows_.insert(rows_.end(), batch.rows.begin(), batch.rows.end());
    outputs_.push_back(outputs.to(torch::kCPU, torch::kFloat));
    targets_.push_back(batch.present.defined() ? batch.targets.masked_fill(batch.present == 0, NAN)
                                               : batch.targets);
  }
  JudgedRows rows() const { return {rows_, torch::cat(outputs_), torch::cat(targets_)}; }

 private:
  std::vector<std::int64_t> rows_;
  std::vector<at::Tensor> outputs_;
  std::vector<at::Tensor> targets_;
};

}  // namespace

int loader_threads(const RunConfig& config) {
  if (config.data.workers > 0) return config.data.workers;
  return std::clamp(available_cores() - at::get_num_threads(), 0, 8);
}

Validation::Validation(const RunConfig& config, const ImageRegressionDataset& rows,
                       std::shared_ptr<const Standardizer> standardizer,
                       const BatchOptions& batches)
    : config_(config), rows_(rows), source_(rows, config.model, std::move(standardizer), batches) {}

std::int64_t Validation::steps() const {
  const std::int64_t all = source_.batches_per_pass();
  const std::int64_t limit = config_.training.validation_steps;
  return limit > 0 ? std::min(limit, all) : all;
}

std::optional<MetricValues> Validation::judge(Regressor network, const RegressionLoss& loss,
                                              JudgedRows* judged) const {
  if (rows_.size() == 0) return std::nullopt;
  const torch::NoGradGuard no_grad;
  network->eval();
  const int workers = loader_threads(config_);
  Prefetcher loader([this, workers](std::int64_t step) { return source_.get(step, workers == 0); },
                    {0, steps(), workers, config_.data.prefetch});
  MetricSums sums(config_.model.outputs);
  RowCollector collector;
  for (std::int64_t i = 0; i < steps(); ++i) {
    const Batch batch = loader.next();
    const torch::Tensor raw = network(batch.images);
    const torch::Tensor outputs = decode_outputs(raw, config_.model);
    sums.add(outputs, batch, loss(raw, batch).item<double>());
    collector.add(outputs, batch);
  }
  if (judged != nullptr) *judged = collector.rows();
  return sums.values();
}

}  // namespace mobireg
