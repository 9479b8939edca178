#include <ATen/ops/ones.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "core/fail.h"
#include "core/parallel_for.h"
#include "data/batch_writer.h"
#include "data/checked_rows.h"
#include "data/image_generator_checks.h"
#include "data/save_sample.h"
#include "mobireg/core/random.h"
#include "mobireg/core/threads.h"
#include "mobireg/data/image_data_generator.h"

namespace mobireg {
namespace {

using Order = std::vector<std::int64_t>;

/// Labels are plain numbers here: nothing is done to them.
ModelConfig model_of(const InputConfig& input, const FlowOptions& options) {
  ModelConfig model;
  model.input = input;
  model.input.interpolation = options.interpolation;
  model.outputs.clear();
  for (const std::string& name : options.y_col) {
    model.outputs.push_back({name, Unit::kNone, OutputKind::kPlain, {}});
  }
  return model;
}

DataConfig data_of(const DataFrame& frame, const FlowOptions& options) {
  DataConfig data;
  data.csv = frame.source().empty() ? "data frame" : frame.source();
  data.directory = options.directory.empty() ? data.csv.parent_path() : options.directory;
  if (data.directory.empty()) data.directory = ".";
  data.x_col = options.x_col;
  data.y_col = options.y_col;
  data.weight_col = options.weight_col;
  data.mode = options.mode;
  data.validation.rule = SplitRule::kNone;
  data.validate_filenames = options.validate_filenames;
  return data;
}

/// Of the rows that can be used, as numbers of the frame's; the others are told.
Order valid_rows(const DataFrame& frame, const DataConfig& data, const ModelConfig& model,
                 int threads, const WarningCallback& warn) {
  const CheckedRows checked = check_rows({data, data, 0, model, threads}, frame, data.directory);
  Order valid;
  std::string first_problem;
  for (std::size_t i = 0; i < checked.rows.size(); ++i) {
    const CheckedRow& row = checked.rows[i];
    if (row.problem.empty()) valid.push_back(static_cast<std::int64_t>(i));
    if (first_problem.empty() && !row.problem.empty()) {
      first_problem = frame.where(static_cast<std::int64_t>(i)) + ": " + row.problem;
    }
  }
  const std::size_t invalid = checked.rows.size() - valid.size();
  if (invalid > 0 && warn) {
    warn(fmt::format("{}: left out {} of {} rows, the first of them {}", data.csv.string(), invalid,
                     checked.rows.size(), first_problem));
  }
  return valid;
}

Order subset_of(const Order& rows, Subset subset, double validation_split) {
  if (subset == Subset::kNone) return rows;
  const auto first_of_training =
      static_cast<std::ptrdiff_t>(validation_split * static_cast<double>(rows.size()));
  const auto middle = rows.begin() + first_of_training;
  return subset == Subset::kValidation ? Order(rows.begin(), middle) : Order(middle, rows.end());
}

/// Stretched to 0 to 255 and cut to whole numbers: array_to_img with its scale=True.
Sample viewable(const at::Tensor& image) {
  const float* first = image.data_ptr<float>();
  Sample sample{{first, first + image.numel()}, {}};
  const auto [least, most] = std::minmax_element(sample.pixels.begin(), sample.pixels.end());
  const float low = *least;
  const float range = *most - low;
  for (float& pixel : sample.pixels) {
    pixel = std::floor(range == 0 ? 0 : (pixel - low) / range * 255);
  }
  return sample;
}

}  // namespace

struct DataFrameIterator::State {
  State(ImageRegressionDataset rows, const ModelConfig& model, Standardizer standardizing,
        const BatchOptions& batch_options)
      : dataset(std::move(rows)),
        standardizer(std::make_shared<const Standardizer>(std::move(standardizing))),
        source(dataset, model, standardizer, batch_options) {}

  struct Place {
    std::int64_t pass = 0;
    std::int64_t begin = 0;  // position in the pass
    std::shared_ptr<const Order> order;
  };

  Place take_place() {
    const std::lock_guard lock(mutex);
    if (!next.order) {
      auto order = std::make_shared<Order>();
      if (options.shuffle) {
        Random random(derive_seed(options.seed, "shuffle"), static_cast<std::uint32_t>(next.pass));
        *order = permutation(dataset.size(), random);
      } else {
        for (std::int64_t row = 0; row < dataset.size(); ++row) order->push_back(row);
      }
      next.order = std::move(order);
    }
    const Place place = next;
    next.begin += options.batch_size;
    if (next.begin >= dataset.size()) next = {next.pass + 1, 0, nullptr};
    return place;
  }

  void reset() {
    const std::lock_guard lock(mutex);
    if (next.begin > 0) next = {next.pass + 1, 0, nullptr};
  }

  void save(const Batch& batch, std::int64_t pass) const {
    const at::Tensor images = batch.images.permute({0, 2, 3, 1}).contiguous();
    for (std::size_t i = 0; i < batch.rows.size(); ++i) {
      const auto name = fmt::format("{}_{}_{}.png", options.save_prefix, batch.rows[i], pass);
      save_sample(viewable(images[static_cast<std::int64_t>(i)]), dataset.input(),
                  options.save_to_dir / name);
    }
  }

  ImageRegressionDataset dataset;
  std::shared_ptr<const Standardizer> standardizer;
  BatchSource source;
  FlowOptions options;
  DataFormat data_format = DataFormat::kChannelsLast;
  at::ScalarType dtype = at::kFloat;
  std::mutex mutex;
  Place next;
};

DataFrameIterator::DataFrameIterator(std::unique_ptr<State> state) : state_(std::move(state)) {}
DataFrameIterator::~DataFrameIterator() = default;
DataFrameIterator::DataFrameIterator(DataFrameIterator&&) noexcept = default;
DataFrameIterator& DataFrameIterator::operator=(DataFrameIterator&&) noexcept = default;

std::int64_t DataFrameIterator::n() const { return state_->dataset.size(); }

std::int64_t DataFrameIterator::size() const {
  return (n() + state_->options.batch_size - 1) / state_->options.batch_size;
}

const ImageRegressionDataset& DataFrameIterator::dataset() const { return state_->dataset; }

void DataFrameIterator::reset() { state_->reset(); }

Batch DataFrameIterator::next() {
  const State::Place place = state_->take_place();
  const FlowOptions& options = state_->options;
  const std::int64_t count = std::min<std::int64_t>(options.batch_size, n() - place.begin);
  const auto row_of = [&](std::int64_t i) {
    return (*place.order)[static_cast<std::size_t>(place.begin + i)];
  };
  BatchWriter writer(state_->dataset, *state_->standardizer, count);
  parallel_for(count, options.threads, [&](std::int64_t i) {
    writer.write(i, row_of(i), state_->source.sample(row_of(i), place.pass, place.begin + i));
  });
  Batch batch = writer.finish();
  if (!options.save_to_dir.empty()) state_->save(batch, place.pass);
  if (!options.weight_col.empty() && !batch.weights.defined()) batch.weights = at::ones({count});
  const bool last = state_->data_format == DataFormat::kChannelsLast;
  batch.images =
      (last ? batch.images.permute({0, 2, 3, 1}) : batch.images).to(state_->dtype).contiguous();
  return batch;
}

DataFrameIterator ImageDataGenerator::flow_from_dataframe(const DataFrame& frame,
                                                          const FlowOptions& options) const {
  check_flow_options(options);
  FlowOptions resolved = options;
  if (resolved.threads == 0) resolved.threads = available_cores();
  const int channels = options.color_mode == ColorMode::kRgb ? 3 : 1;
  const ModelConfig model = model_of(input(options.target_size, channels), options);
  DataConfig data = data_of(frame, options);
  Order rows;
  if (options.validate_filenames) {
    rows = valid_rows(frame, data, model, resolved.threads, options.warn);
    data.validate_filenames = false;  // once is enough
    data.skip_bad_rows = true;        // what only decoding shows
  } else {
    for (std::int64_t row = 0; row < frame.rows(); ++row) rows.push_back(row);
  }
  const Order chosen = subset_of(rows, options.subset, options_.validation_split);
  if (chosen.empty()) {
    fail("{}: the flow has no rows: of {} rows {} are valid; validation_split is {}",
         data.csv.string(), frame.rows(), rows.size(), options_.validation_split);
  }
  BatchOptions batch_options;
  batch_options.seed = options.seed;
  batch_options.augment = true;
  batch_options.augmentation = augmentation();
  batch_options.preprocessing = options_.preprocessing_function;
  auto state = std::make_unique<DataFrameIterator::State>(
      open_dataset(frame.rows_at(chosen), data, model, resolved.threads, options.warn), model,
      standardizer(options.target_size, channels), batch_options);
  state->options = std::move(resolved);
  state->data_format = options_.data_format;
  state->dtype = options_.dtype;
  return DataFrameIterator(std::move(state));
}

}  // namespace mobireg
