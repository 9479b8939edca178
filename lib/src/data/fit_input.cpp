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

/// The images after mean, scale and rescale, and after what has been fitted so far.
class FitImages {
 public:
  FitImages(const InputConfig& input, std::int64_t count, const ImageOf& image)
      : standardizer_(input),
        channels_(static_cast<std::size_t>(input.channels())),
        count_(count),
        image_(image) {}

  std::int64_t count() const { return count_; }

  std::vector<float> get(std::int64_t i) const {
    std::vector<float> values = image_(i);
    standardizer_.apply(values.data(), values.data());
    return values;
  }

  /// Of term(value, channel), one a channel.
  template <class Term>
  std::vector<double> channel_means(const Term& term) const {
    std::vector<double> sums(channels_, 0.0);
    double pixels = 0;
    for (std::int64_t i = 0; i < count_; ++i) {
      const std::vector<float> values = get(i);
      for (std::size_t k = 0; k < values.size(); ++k) {
        sums[k % channels_] += term(values[k], k % channels_);
      }
      pixels += static_cast<double>(values.size() / channels_);
    }
    for (double& sum : sums) sum /= pixels;
    return sums;
  }

 private:
  Standardizer standardizer_;
  std::size_t channels_;
  std::int64_t count_;
  const ImageOf& image_;
};

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
at::Tensor gram_matrix(const FitImages& images, std::int64_t d) {
  constexpr std::int64_t kRows = 64;
  at::Tensor gram = at::zeros({d, d}, at::kDouble);
  for (std::int64_t begin = 0; begin < images.count(); begin += kRows) {
    const std::int64_t rows = std::min(kRows, images.count() - begin);
    at::Tensor chunk = at::empty({rows, d}, at::kFloat);
    for (std::int64_t i = 0; i < rows; ++i) {
      const std::vector<float> values = images.get(begin + i);
      std::copy(values.begin(), values.end(), chunk.data_ptr<float>() + i * d);
    }
    const at::Tensor exact = chunk.to(at::kDouble);
    gram.addmm_(exact.t(), exact);
  }
  return gram;
}

/// Keras's (u * sqrt(n) / (s + epsilon)) u^T: u and s, the left singular vectors and singular
/// values of X^T, are the eigenvectors of X^T X and the roots of its eigenvalues. Of n images at
/// most n count.
at::Tensor whitening_of(const FitImages& images, std::int64_t d, double epsilon) {
  const auto [eigenvalues, vectors] = at::linalg_eigh(gram_matrix(images, d));
  const std::int64_t kept = std::min(d, images.count());
  const at::Tensor s = eigenvalues.slice(0, d - kept).clamp_min(0).sqrt();
  const at::Tensor u = vectors.slice(1, d - kept);
  const at::Tensor inverse = std::sqrt(static_cast<double>(images.count())) / (s + epsilon);
  return at::matmul(u * inverse, u.t()).to(at::kFloat);
}

}  // namespace

void check_whitening_fits(const InputConfig& input, double bytes) {
  // X^T X, its eigenvectors and LAPACK's workspace in double, the result in float.
  constexpr double kBytesAnEntry = 8 + 8 + 8 + 4;
  const double d = static_cast<double>(input.size) * input.size * input.channels();
  if (d * d * kBytesAnEntry <= bytes) return;
  fail(
      "model.input.zca_whitening: at {0}x{0}x{1} its matrix is {2:.0f}x{2:.0f} ({3:.0f} MB) and "
      "fitting it takes {4:.1f} GB; a quarter of this machine's memory is {5:.1f} GB",
      input.size, input.channels(), d, d * d * 4 / 1e6, d * d * kBytesAnEntry / 1e9, bytes / 1e9);
}

bool needs_fit(const InputConfig& input) {
  return (input.featurewise_center && input.feature_mean.empty()) ||
         (input.featurewise_std_normalization && input.feature_std.empty()) || input.zca_whitening;
}

FittedInput fit_input(const InputConfig& input, std::int64_t count, const ImageOf& image) {
  FittedInput fitted{input, {}};
  const FitImages plain(without_statistics(input), count, image);
  const bool center = input.featurewise_center && input.feature_mean.empty();
  const bool scale = input.featurewise_std_normalization && input.feature_std.empty();
  if (center || scale) {
    const auto mean = plain.channel_means([](float value, std::size_t) { return value; });
    if (center) fitted.input.feature_mean = mean;
    if (scale) {
      fitted.input.feature_std = plain.channel_means([&](float value, std::size_t channel) {
        return (value - mean[channel]) * (value - mean[channel]);
      });
      for (double& value : fitted.input.feature_std) value = std::sqrt(value);
    }
  }
  if (input.zca_whitening) {
    check_whitening_fits(input, static_cast<double>(sysconf(_SC_PHYS_PAGES)) *
                                    static_cast<double>(sysconf(_SC_PAGE_SIZE)) / 4);
    InputConfig before = without_statistics(fitted.input);
    before.featurewise_center = input.featurewise_center;
    before.featurewise_std_normalization = input.featurewise_std_normalization;
    fitted.whitening =
        whitening_of(FitImages(before, count, image),
                     std::int64_t{input.size} * input.size * input.channels(), input.zca_epsilon);
  }
  return fitted;
}

}  // namespace mobireg
