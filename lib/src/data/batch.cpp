#include "mobireg/data/batch.h"

#include <ATen/Parallel.h>

#include "core/fail.h"
#include "data/batch_writer.h"
#include "data/draw_order.h"
#include "data/sample_maker.h"
#include "data/save_sample.h"
#include "mobireg/core/random.h"
#include "mobireg/data/standardizer.h"

namespace mobireg {
namespace {

std::vector<double> draw_weights_of(const ImageRegressionDataset& dataset, const ModelConfig& model,
                                    const BalanceConfig& balance) {
  if (balance.output.empty()) return {};
  std::size_t output = 0;
  while (model.outputs.at(output).name != balance.output) ++output;
  std::vector<float> values;
  for (std::int64_t i = 0; i < dataset.size(); ++i) {
    values.push_back(dataset.row(i).targets[output]);
  }
  return balanced_weights(values, balance);
}

}  // namespace

BatchSource::BatchSource(const ImageRegressionDataset& dataset, const ModelConfig& model,
                         std::shared_ptr<const Standardizer> standardizer, BatchOptions options)
    : dataset_(dataset),
      options_(std::move(options)),
      standardizer_(std::move(standardizer)),
      draw_weights_(draw_weights_of(dataset, model, options_.balance)) {}

std::int64_t BatchSource::batches_per_pass() const {
  const std::int64_t full = dataset_.size() / options_.batch_size;
  const std::int64_t rest = dataset_.size() % options_.batch_size;
  return rest == 0 || (rest == 1 && full > 0) ? full : full + 1;
}

BatchSource::Order BatchSource::order_of_pass(std::int64_t pass) const {
  const std::lock_guard lock(mutex_);
  if (cached_order_.first != pass) {
    Random random(derive_seed(options_.seed, "shuffle"), static_cast<std::uint32_t>(pass));
    auto order = draw_weights_.empty() ? permutation(dataset_.size(), random)
                                       : weighted_order(draw_weights_, random);
    cached_order_ = {pass, std::make_shared<const std::vector<std::int64_t>>(std::move(order))};
  }
  return cached_order_.second;
}

Sample BatchSource::sample(std::int64_t row, std::int64_t pass, std::int64_t position) const {
  SampleMaker maker(dataset_, options_);
  DrawnSample& drawn = maker.make(row, pass, position);
  drawn.finish_colour();
  return std::move(drawn.sample);
}

Batch BatchSource::get(std::int64_t step, bool in_parallel) const {
  const std::int64_t pass = step / batches_per_pass();
  const std::int64_t in_pass = step % batches_per_pass();
  const std::int64_t begin = in_pass * options_.batch_size;
  const std::int64_t end =
      in_pass + 1 == batches_per_pass() ? dataset_.size() : begin + options_.batch_size;
  const bool in_order = !options_.shuffle && draw_weights_.empty();
  const Order order = in_order ? nullptr : order_of_pass(pass);
  BatchWriter writer(dataset_, *standardizer_, end - begin, options_);
  const auto make = [&](std::int64_t from, std::int64_t to) {
    SampleMaker maker(dataset_, options_);
    for (std::int64_t position = from; position < to; ++position) {
      const std::int64_t row = order ? (*order)[static_cast<std::size_t>(position)] : position;
      const DrawnSample* drawn = maker.make_readable(row, pass, position);
      if (drawn == nullptr) continue;
      writer.write(position - begin, row, *drawn);
      if (!options_.save_to_dir.empty()) save(drawn->sample, pass, position);
    }
  };
  if (in_parallel) {
    at::parallel_for(begin, end, 1, make);
  } else {
    make(begin, end);
  }
  return writer.finish();
}

void BatchSource::save(const Sample& sample, std::int64_t pass, std::int64_t position) const {
  const auto name = fmt::format("{}{}_{}.png", options_.save_prefix, pass, position);
  save_sample(sample, dataset_.input(), options_.save_to_dir / name);
}

}  // namespace mobireg
