#include "training/teacher_answers.h"

#include <torch/types.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/fail.h"
#include "core/parallel_for.h"
#include "deploy/image_pixels.h"
#include "mobireg/model/safetensors.h"
#include "training/teacher_mean.h"

namespace mobireg {
namespace {

constexpr std::int64_t kChunk = 32;  // images asked about at once

struct Chunk {
  std::int64_t begin = 0;
  std::int64_t end = 0;

  std::int64_t size() const { return end - begin; }
};

/// The chunk's images as a network is fed them.
std::vector<float> pixels_of(const ImageRegressionDataset& seen, const Chunk& chunk) {
  const std::size_t values = input_values(seen.input());
  std::vector<float> pixels(static_cast<std::size_t>(chunk.size()) * values);
  float* planes = pixels.data();
  for (std::int64_t i = chunk.begin; i < chunk.end; ++i, planes += values) {
    to_planes(seen.input_image(i), planes);
  }
  return pixels;
}

/// (rows, outputs) of one teacher, for whole images.
at::Tensor targets_by(const Teacher& teacher, const ImageRegressionDataset& seen,
                      std::int64_t outputs, int threads) {
  at::Tensor targets = torch::empty({seen.size(), outputs});
  const auto ask = [&](std::int64_t number) {
    const Chunk chunk{number * kChunk, std::min((number + 1) * kChunk, seen.size())};
    const std::vector<float> said = teacher.outputs(pixels_of(seen, chunk), chunk.size());
    float* values = targets.data_ptr<float>() + chunk.begin * outputs;
    std::copy(said.begin(), said.end(), values);
    for (std::int64_t i = chunk.begin; i < chunk.end; ++i, values += outputs) {
      seen.from_input(i, values);
    }
  };
  parallel_for((seen.size() + kChunk - 1) / kChunk, threads, ask);
  return targets;
}

at::Tensor mean_targets(const std::vector<at::Tensor>& all, const ModelConfig& student) {
  if (all.size() == 1) return all[0];
  const OutputStatistics statistics(student);
  const std::int64_t outputs = all[0].size(1);
  at::Tensor mean = torch::empty_like(all[0]);
  for (std::int64_t row = 0; row < mean.size(0); ++row) {
    std::vector<std::vector<float>> said;
    for (const at::Tensor& targets : all) {
      const float* values = targets.data_ptr<float>() + row * outputs;
      said.emplace_back(values, values + outputs);
    }
    const std::vector<float> values = statistics.mean(said);
    std::copy(values.begin(), values.end(), mean.data_ptr<float>() + row * outputs);
  }
  return mean;
}

void mirror(std::vector<float>& pixels, int size) {
  for (auto row = pixels.begin(); row != pixels.end(); row += size) {
    std::reverse(row, row + size);
  }
}

/// (rows, F) of one teacher; then, where asked for, as many of the mirror images.
at::Tensor features_by(const Teacher& teacher, const ImageRegressionDataset& seen,
                       bool with_mirrored) {
  std::vector<at::Tensor> features;
  std::vector<at::Tensor> mirrored;
  for (std::int64_t begin = 0; begin < seen.size(); begin += kChunk) {
    const Chunk chunk{begin, std::min(begin + kChunk, seen.size())};
    std::vector<float> pixels = pixels_of(seen, chunk);
    features.push_back(teacher.features(pixels, chunk.size()));
    if (!with_mirrored) continue;
    mirror(pixels, seen.input().size);
    mirrored.push_back(teacher.features(pixels, chunk.size()));
  }
  features.insert(features.end(), mirrored.begin(), mirrored.end());
  return torch::cat(features);
}

/// Features of 0 to 6 that are almost the same for every row tell nothing, and stay near 0.
at::Tensor standardized(const at::Tensor& features) {
  constexpr double kLeastDeviation = 1e-3;
  const auto mean = [](const at::Tensor& values) {
    return values.mean(at::IntArrayRef{0}, /*keepdim=*/true, torch::kDouble);
  };
  const at::Tensor centred = features - mean(features).to(torch::kFloat);
  const at::Tensor deviation = mean(centred.square()).sqrt();
  return centred / deviation.clamp_min(kLeastDeviation).to(torch::kFloat);
}

void set_features(const std::vector<at::Tensor>& by_teachers, std::int64_t rows,
                  TeacherAnswers& answers) {
  const at::Tensor all = standardized(torch::cat(by_teachers, 1));
  answers.features = all.narrow(0, 0, rows).contiguous();
  if (all.size(0) > rows) answers.mirrored_features = all.narrow(0, rows, rows).contiguous();
}

}  // namespace

TeacherAnswers ask_teachers(const std::vector<Teacher>& teachers,
                            const ImageRegressionDataset& rows, const ModelConfig& student,
                            const TeacherQuestions& questions, int threads) {
  const auto outputs = static_cast<std::int64_t>(student.outputs.size());
  std::vector<at::Tensor> targets;
  std::vector<at::Tensor> features;
  for (const Teacher& teacher : teachers) {
    const ImageRegressionDataset seen =
        rows.as_seen_by(teacher.input(), teacher.card().crop_margin());
    targets.push_back(targets_by(teacher, seen, outputs, threads));
    if (!questions.features) continue;
    features.push_back(features_by(teacher, seen, questions.mirrored_features));
  }
  TeacherAnswers answers{mean_targets(targets, student), {}, {}};
  if (questions.features) set_features(features, rows.size(), answers);
  return answers;
}

void write_answers(const std::filesystem::path& path, const TeacherAnswers& answers,
                   const std::vector<Teacher>& teachers, const std::string& rows) {
  nlohmann::ordered_json files;
  for (const Teacher& teacher : teachers) {
    files.push_back({{"file", teacher.name()}, {"sha256", teacher.sha256()}});
  }
  TensorFile file{{{"rows", rows}, {"teachers", files.dump()}}, {}};
  const std::vector<NamedTensor> all{{"targets", answers.targets},
                                     {"features", answers.features},
                                     {"mirrored_features", answers.mirrored_features}};
  for (const NamedTensor& named : all) {
    if (named.tensor.defined()) file.tensors.push_back(named);
  }
  write_safetensors(path, file, Checksum::kSha256);
}

TeacherAnswers read_answers(const std::filesystem::path& path, const std::string& rows) {
  const TensorFile file = read_safetensors(path, Checksum::kSha256);
  const auto of_rows = file.metadata.find("rows");
  if (of_rows == file.metadata.end() || of_rows->second != rows) {
    fail(
        "{}: the data's rows are not those that the run's teachers were asked about; a run goes on "
        "with its own data",
        path.string());
  }
  return {file.find("targets"), file.find("features"), file.find("mirrored_features")};
}

}  // namespace mobireg
