#include "data/fit_input.h"

#include <torch/types.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "core/fail.h"
#include "mobireg/data/standardizer.h"

namespace mobireg {
namespace {

using ImageOf = std::function<std::vector<float>(std::int64_t)>;

std::int64_t values_of(const InputConfig& input) {
  return std::int64_t{input.size} * input.size * input.channels();
}

/// The images after the steps of an InputConfig.
class StandardizedImages {
 public:
  StandardizedImages(const InputConfig& input, std::int64_t count, const ImageOf& image)
      : standardizer_(input), values_(values_of(input)), count_(count), image_(image) {}

  std::int64_t count() const { return count_; }
  std::int64_t values() const { return values_; }

  std::vector<float> get(std::int64_t i) const {
    std::vector<float> image = image_(i);
    if (static_cast<std::int64_t>(image.size()) != values_) {
      fail("fit: image {} has {} values; it must have {}", i, image.size(), values_);
    }
    standardizer_.apply(image.data(), image.data());
    return image;
  }

 private:
  Standardizer standardizer_;
  std::int64_t values_;
  std::int64_t count_;
  const ImageOf& image_;
};

/// Mean and summed squares of the distances from it, taken together image by image (Chan, Golub,
/// LeVeque: "Updating formulae and a pairwise algorithm for computing sample variances", 1979).
struct Moments {
  double count = 0;
  double mean = 0;
  double squares = 0;

  void add(const Moments& other) {
    const double total = count + other.count;
    const double distance = other.mean - mean;
    mean += distance * other.count / total;
    squares += other.squares + distance * distance * count * other.count / total;
    count = total;
  }
};

/// Of one channel of an HWC image.
Moments moments_of(const std::vector<float>& image, std::size_t channel, std::size_t channels) {
  Moments moments;
  moments.count = static_cast<double>(image.size() / channels);
  for (std::size_t i = channel; i < image.size(); i += channels) moments.mean += image[i];
  moments.mean /= moments.count;
  for (std::size_t i = channel; i < image.size(); i += channels) {
    moments.squares += (image[i] - moments.mean) * (image[i] - moments.mean);
  }
  return moments;
}

void fit_statistics(InputConfig& input, const StandardizedImages& images) {
  const bool center = input.featurewise_center && input.feature_mean.empty();
  const bool scale = input.featurewise_std_normalization && input.feature_std.empty();
  if (!center && !scale) return;
  std::vector<Moments> moments(static_cast<std::size_t>(input.channels()));
  for (std::int64_t i = 0; i < images.count(); ++i) {
    const std::vector<float> image = images.get(i);
    for (std::size_t c = 0; c < moments.size(); ++c) {
      moments[c].add(moments_of(image, c, moments.size()));
    }
  }
  if (center) {
    for (const Moments& channel : moments) input.feature_mean.push_back(channel.mean);
  }
  if (scale) {
    for (const Moments& channel : moments) {
      input.feature_std.push_back(std::sqrt(channel.squares / channel.count));
    }
  }
}

/// The steps before the featurewise ones, which fit() sees in Keras too when its user does as told.
InputConfig without_statistics(InputConfig input) {
  input.samplewise_center = false;
  input.samplewise_std_normalization = false;
  input.featurewise_center = false;
  input.featurewise_std_normalization = false;
  input.zca_whitening = false;
  return input;
}

/// X^T X of all images as rows of X, in double.
at::Tensor gram_matrix(const StandardizedImages& images) {
  constexpr std::int64_t kRows = 64;
  const std::int64_t d = images.values();
  at::Tensor gram = at::zeros({d, d}, at::kDouble);
  for (std::int64_t begin = 0; begin < images.count(); begin += kRows) {
    const std::int64_t rows = std::min(kRows, images.count() - begin);
    at::Tensor chunk = at::empty({rows, d}, at::kDouble);
    for (std::int64_t i = 0; i < rows; ++i) {
      const std::vector<float> image = images.get(begin + i);
      std::copy(image.begin(), image.end(), chunk.data_ptr<double>() + i * d);
    }
    gram.addmm_(chunk.t(), chunk);
  }
  return gram;
}

/// Keras's (u * sqrt(n) / (s + epsilon)) u^T: u and s, the left singular vectors and singular
/// values of X^T, are the eigenvectors of X^T X and the roots of its eigenvalues. Of n images at
/// most n count.
///
/// Directions in which the images do not differ but for rounding become 0, unless epsilon is larger
/// than that: Keras divides what rounding left of them by epsilon. (8-bit pixels that differ at all
/// lie above 1e-5 of the largest singular value, rounding to float at about 1e-7.)
at::Tensor whitening_of(const StandardizedImages& images, double epsilon) {
  constexpr double kRounding = 1e-6;
  const auto [eigenvalues, vectors] = at::linalg_eigh(gram_matrix(images));
  const std::int64_t d = images.values();
  const std::int64_t kept = std::min(d, images.count());
  const at::Tensor s = eigenvalues.slice(0, d - kept).clamp_min(0).sqrt();
  const at::Tensor u = vectors.slice(1, d - kept);
  const at::Tensor factor = std::sqrt(static_cast<double>(images.count())) / (s + epsilon);
  const at::Tensor differs = s + epsilon > s.max() * kRounding;
  return at::matmul(u * (factor * differs), u.t()).to(at::kFloat);
}

double memory_for_whitening() {
  return static_cast<double>(sysconf(_SC_PHYS_PAGES)) *
         static_cast<double>(sysconf(_SC_PAGE_SIZE)) / 4;
}

}  // namespace

void check_whitening_fits(const InputConfig& input, double bytes) {
  // X^T X and its eigenvectors, and twice as much for LAPACK's syevd, in double.
  constexpr double kBytesAnEntry = 8 + 8 + 16;
  const auto d = static_cast<double>(values_of(input));
  if (d * d * kBytesAnEntry <= bytes) return;
  fail(
      "model.input.zca_whitening: at {0}x{0}x{1} the matrix is {2:.0f} x {2:.0f}: {3:.0f} MB, and "
      "{4:.0f} MB while it is fitted; a quarter of the machine's memory, {5:.0f} MB, is allowed, "
      "which is enough up to a size of {6:.0f}",
      input.size, input.channels(), d, d * d * 4 / 1e6, d * d * kBytesAnEntry / 1e6, bytes / 1e6,
      std::floor(std::sqrt(std::sqrt(bytes / kBytesAnEntry) / input.channels())));
}

bool needs_fit(const InputConfig& input) {
  return (input.featurewise_center && input.feature_mean.empty()) ||
         (input.featurewise_std_normalization && input.feature_std.empty()) || input.zca_whitening;
}

FittedInput fit_input(const InputConfig& input, std::int64_t count, const ImageOf& image) {
  if (count < 1) fail("fit: there are no images");
  if (input.zca_whitening) check_whitening_fits(input, memory_for_whitening());
  FittedInput fitted{input, {}};
  InputConfig steps = without_statistics(input);
  fit_statistics(fitted.input, {steps, count, image});
  if (!input.zca_whitening) return fitted;
  steps.featurewise_center = input.featurewise_center;
  steps.featurewise_std_normalization = input.featurewise_std_normalization;
  steps.feature_mean = fitted.input.feature_mean;
  steps.feature_std = fitted.input.feature_std;
  fitted.whitening = whitening_of({steps, count, image}, input.zca_epsilon);
  return fitted;
}

}  // namespace mobireg
