#include "training/pseudo_labels.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "augmentation/geometry.h"
#include "augmentation/warp.h"
#include "core/fail.h"
#include "core/parallel_for.h"
#include "data/unlabelled_images.h"
#include "deploy/image_pixels.h"
#include "training/teacher_mean.h"

namespace mobireg {
namespace {

constexpr double kTurn = 10;  // degrees

using Views = std::vector<AugmentationParameters>;

Views views_for(const LabelTransform& labels) {
  Views views(1);
  if (labels.follows_mirroring()) views.emplace_back().flip_horizontal = true;
  if (labels.follows_rotation()) {
    for (const double angle : {kTurn, -kTurn}) views.emplace_back().rotation = angle;
  }
  return views;
}

std::string describe(const Views& views) {
  std::string text = "plain";
  for (const AugmentationParameters& view : views) {
    if (view.flip_horizontal) text += ", mirrored";
    if (view.rotation != 0) text += fmt::format(", turned by {:+}", view.rotation);
  }
  return text;
}

/// The view's pixels as a network is fed them.
void view_planes(const Image& image, const Affine& to_plain, float* planes) {
  const auto size = static_cast<std::size_t>(image.width);
  const auto channels = static_cast<std::size_t>(image.channels);
  std::vector<float> pixels(size * size * channels);
  warp(image.view(), to_plain, image.width, {}, pixels.data());
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t i = c; i < pixels.size(); i += channels) *planes++ = pixels[i];
  }
}

/// What one teacher says of an image, taken back from each view.
std::vector<std::vector<float>> answers(const Teacher& teacher, const Image& image,
                                        const LabelTransform& labels, const Views& views) {
  const int size = image.width;
  const std::size_t values = input_values(teacher.input());
  std::vector<float> pixels(views.size() * values);
  for (std::size_t i = 0; i < views.size(); ++i) {
    view_planes(image, augmentation_affine(views[i], size), pixels.data() + i * values);
  }
  const auto said = teacher.outputs(pixels, static_cast<std::int64_t>(views.size()));
  const std::size_t outputs = said.size() / views.size();
  std::vector<std::vector<float>> plain;
  for (std::size_t i = 0; i < views.size(); ++i) {
    const float* of_view = said.data() + i * outputs;
    plain.emplace_back(of_view, of_view + outputs);
    labels.apply(inverse(augmentation_affine(views[i], size)), size, plain.back().data());
  }
  return plain;
}

struct Label {
  std::vector<float> values;  // empty: the image could not be read
  double spread = 0;
  std::string problem;
};

class Labeller {
 public:
  Labeller(const std::vector<Teacher>& teachers, const ImageRegressionDataset& images,
           const ModelConfig& student)
      : teachers_(teachers),
        labels_(images.labels()),
        views_(views_for(labels_)),
        statistics_(student) {
    for (const Teacher& teacher : teachers) {
      seen_.push_back(images.as_seen_by(teacher.input(), std::nullopt));
    }
  }

  const Views& views() const { return views_; }

  Label label(std::int64_t i) const {
    Label label;
    std::vector<std::vector<float>> said;
    try {
      for (std::size_t t = 0; t < teachers_.size(); ++t) {
        for (auto& one : answers(teachers_[t], seen_[t].input_image(i), labels_, views_)) {
          said.push_back(std::move(one));
        }
      }
    } catch (const Error& error) {
      label.problem = error.what();
      return label;
    }
    label.values = statistics_.mean(said);
    const std::vector<double> spread = statistics_.spread(said, label.values);
    label.spread = *std::max_element(spread.begin(), spread.end());
    return label;
  }

 private:
  const std::vector<Teacher>& teachers_;
  const LabelTransform& labels_;
  Views views_;
  OutputStatistics statistics_;
  std::vector<ImageRegressionDataset> seen_;  // by each teacher
};

/// Numbers as the shortest text that reads back as the same float.
std::string to_csv(const ImageRegressionDataset& images, const ModelConfig& student,
                   const std::vector<Label>& labels, const std::vector<std::int64_t>& kept) {
  const auto column = [&](const auto& cell) {
    std::vector<std::string> cells;
    for (const std::int64_t i : kept) cells.push_back(cell(i));
    return cells;
  };
  const auto label = [&](std::int64_t i) -> const Label& {
    return labels[static_cast<std::size_t>(i)];
  };
  DataFrame frame;
  frame.add_column("filename", column([&](std::int64_t i) { return images.row(i).filename; }));
  for (std::size_t k = 0; k < student.outputs.size(); ++k) {
    frame.add_column(student.outputs[k].name,
                     column([&](std::int64_t i) { return fmt::format("{}", label(i).values[k]); }));
  }
  frame.add_column("spread",
                   column([&](std::int64_t i) { return fmt::format("{:.4f}", label(i).spread); }));
  return frame.to_csv();
}

}  // namespace

PseudoLabels make_pseudo_labels(const std::vector<Teacher>& teachers,
                                const ImageRegressionDataset& images, const RunConfig& config,
                                int threads, const WarningCallback& warn) {
  const Labeller labeller(teachers, images, config.model);
  if (teachers.size() == 1 && labeller.views().size() == 1) {
    fail(
        "training.unlabelled.pseudo_labels: the outputs follow neither mirroring nor rotation "
        "(their kinds, mirror rules or model.mirror_map do not say how), so one teacher always "
        "agrees with itself");
  }
  std::vector<Label> labels(static_cast<std::size_t>(images.size()));
  parallel_for(images.size(), threads,
               [&](std::int64_t i) { labels[static_cast<std::size_t>(i)] = labeller.label(i); });
  const double agreement = config.training.unlabelled.agreement;
  std::vector<std::int64_t> kept;
  double least = std::numeric_limits<double>::infinity();
  for (std::int64_t i = 0; i < images.size(); ++i) {
    const Label& label = labels[static_cast<std::size_t>(i)];
    if (label.values.empty()) {
      if (warn) warn("left out: " + label.problem);
      continue;
    }
    least = std::min(least, label.spread);
    if (label.spread <= agreement) kept.push_back(i);
  }
  if (kept.empty()) {
    fail(
        "training.unlabelled.agreement: on none of {} images do the teachers agree to {}; the "
        "least standard deviation is {:.3g}",
        images.size(), agreement, least);
  }
  return {to_csv(images, config.model, labels, kept), images.size(),
          static_cast<std::int64_t>(kept.size()), describe(labeller.views())};
}

TrainingRows pseudo_labelled_rows(const std::string& csv, const std::filesystem::path& path,
                                  const RunConfig& config) {
  const UnlabelledConfig& unlabelled = config.training.unlabelled;
  TrainingRows rows;
  rows.set.csv = path;
  rows.set.directory = common_folder(unlabelled.folders);
  rows.set.weight = unlabelled.weight;
  for (const OutputConfig& output : config.model.outputs) rows.set.y_col.push_back(output.name);
  rows.frame = DataFrame::from_string(csv, path.string());
  return rows;
}

}  // namespace mobireg
