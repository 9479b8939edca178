#include "training/teacher.h"

#include <torch/autograd.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "core/fail.h"
#include "core/sha256.h"
#include "deploy/trained_network.h"
#include "mobireg/config/units.h"
#include "mobireg/core/file.h"
#include "mobireg/core/text.h"

namespace mobireg {
namespace {

const OutputConfig& output_named(const std::string& name, const std::vector<OutputConfig>& outputs,
                                 const std::string& teacher) {
  std::vector<std::string> names;
  for (const OutputConfig& output : outputs) {
    if (output.name == name) return output;
    names.push_back(output.name);
  }
  const std::string nearest = nearest_name(name, names);
  fail("{}: a teacher needs every output of the run, and it has no {}{}", teacher, in_quotes(name),
       nearest.empty() ? "" : fmt::format(" (its nearest is '{}')", nearest));
}

float factor_between(const OutputConfig& said, const OutputConfig& wanted,
                     const std::string& teacher) {
  const bool angles = is_angle(said.unit) && is_angle(wanted.unit);
  if (angles) return static_cast<float>(unit_factor(said.unit, wanted.unit));
  if (said.unit != wanted.unit) {
    const auto text = [](Unit unit) {
      const std::string name = report_unit(unit);
      return name.empty() ? std::string("no unit") : "'" + name + "'";
    };
    fail("{}: its {} is in {}, the run's in {}; they cannot be converted", teacher,
         in_quotes(wanted.name), text(said.unit), text(wanted.unit));
  }
  return 1;
}

/// Exported files have none: their last layers are all that comes out.
std::shared_ptr<const TrainedNetwork> with_pooled_features(const std::filesystem::path& file) {
  try {
    return std::make_shared<const TrainedNetwork>(load_trained_network(file));
  } catch (const Error& error) {
    fail(
        "training.distillation.feature_weight needs teachers that are checkpoints, for exported "
        "files do not give their pooled features: {}",
        error.what());
  }
}

}  // namespace

Teacher::Teacher(const std::filesystem::path& file, const ModelConfig& student, bool with_features)
    : name_(file.string()),
      predictor_(Predictor::load(file)),
      sha256_(to_hex(digest_of(read_file(file)))) {
  const std::vector<OutputConfig>& said = card().model.outputs;
  for (const OutputConfig& wanted : student.outputs) {
    const OutputConfig& output = output_named(wanted.name, said, name_);
    columns_.push_back(
        {static_cast<std::size_t>(&output - said.data()), factor_between(output, wanted, name_)});
  }
  if (with_features) whole_ = with_pooled_features(file);
}

std::vector<float> Teacher::outputs(const std::vector<float>& pixels, std::int64_t count) const {
  const std::size_t said = card().model.outputs.size();
  std::vector<float> all(static_cast<std::size_t>(count) * said);
  predictor_.predict(pixels.data(), count, all.data());
  std::vector<float> wanted;
  wanted.reserve(static_cast<std::size_t>(count) * columns_.size());
  for (std::size_t image = 0; image < static_cast<std::size_t>(count); ++image) {
    for (const Column& column : columns_) {
      const float value = all[image * said + column.position] * column.factor;
      if (!std::isfinite(value)) {
        fail("{}: it says {} of an image; nothing can be learnt from it", name_, value);
      }
      wanted.push_back(value);
    }
  }
  return wanted;
}

at::Tensor Teacher::features(std::vector<float>& pixels, std::int64_t count) const {
  const torch::NoGradGuard no_grad;
  const std::int64_t size = input().size;
  const at::Tensor images =
      torch::from_blob(pixels.data(), {count, input().channels(), size, size});
  MobileNet backbone = whole_->network->backbone();
  return backbone(whole_->standardizer->apply(images)).contiguous();
}

std::vector<Teacher> load_teachers(const std::vector<std::filesystem::path>& files,
                                   const ModelConfig& student, bool with_features) {
  std::vector<Teacher> teachers;
  for (const std::filesystem::path& file : files) {
    teachers.emplace_back(file, student, with_features);
  }
  return teachers;
}

}  // namespace mobireg
