// What is fitted to images against real tf.keras 2.15.1
// (scripts/reference/keras_standardization.py).

#include "data/fit_input.h"

#include <torch/types.h>

#include <stdexcept>

#include "data/standardization_cases.h"
#include "mobireg/core/error.h"

namespace mobireg {
namespace {

using nlohmann::json;

InputConfig whitening_input(int size = 4, int channels = 3) {
  InputConfig input = plain_input(size, channels);
  input.featurewise_center = true;
  input.zca_whitening = true;
  return input;
}

InputConfig featurewise(bool center = true, bool scale = true) {
  InputConfig input = plain_input();
  input.featurewise_center = center;
  input.featurewise_std_normalization = scale;
  return input;
}

FloatImages images_of(int count) { return keras_images("fit", count, 4, 3); }

std::vector<float> no_image(std::int64_t) { throw std::logic_error("an image was read"); }

TEST_CASE("ZCA whitening gives Keras's images") {
  const json& cases = standardization_fixture()["zca"];
  REQUIRE(cases.size() == 2);
  for (const json& expected : cases) {
    const int channels = expected["shape"][2];
    const FloatImages images = keras_images("zca", expected["count"], 8, channels);
    const FittedInput fitted = fit_to(whitening_input(8, channels), images);
    CHECK(fitted.whitening.scalar_type() == torch::kFloat);
    // The matrix is float, and so is Keras's singular value decomposition, whose smallest value is
    // a tenth of its largest.
    constexpr double kTolerance = 5e-5;
    const auto first = expected["images"][0].get<std::vector<float>>();
    const auto last = expected["images"][1].get<std::vector<float>>();
    CHECK(largest_difference(standardized(fitted, images.front()), first) <= kTolerance);
    CHECK(largest_difference(standardized(fitted, images.back()), last) <= kTolerance);
  }
}

TEST_CASE("whitened images are uncorrelated and of variance 1") {
  const FloatImages images = images_of(200);
  const FittedInput fitted = fit_to(whitening_input(), images);
  at::Tensor white = torch::empty({200, 48});
  for (int i = 0; i < 200; ++i) {
    white[i].copy_(torch::tensor(standardized(fitted, images[static_cast<std::size_t>(i)])));
  }
  CHECK(torch::allclose(at::matmul(white.t(), white) / 200, torch::eye(48), 0, 1e-4));
}

TEST_CASE("whitening does not blow up what is only rounding") {
  FloatImages images = images_of(200);
  for (auto& image : images) {
    for (std::size_t i = 0; i < image.size(); ++i) image[i] = image[i - i % 3];  // grey
  }
  auto tinted = images[0];
  tinted[1] += 1;
  const auto moved_by_tint = [&](double epsilon) {
    InputConfig input = whitening_input();
    input.zca_epsilon = epsilon;
    const FittedInput fitted = fit_to(input, images);
    return largest_difference(standardized(fitted, tinted), standardized(fitted, images[0]));
  };
  CHECK(moved_by_tint(1e-6) < 0.1);
  // An epsilon beyond rounding is meant; two thirds of the tint are not grey.
  CHECK(moved_by_tint(10) == Approx(std::sqrt(200.0) / 10 * 2 / 3).epsilon(0.05));
}

TEST_CASE("images are fitted to after mean, scale and rescale, before samplewise steps") {
  InputConfig input = featurewise();
  const InputConfig plain = fit_to(input, images_of(5)).input;
  input.mean = {10, 20, 30};
  input.scale = {2, 4, 8};
  input.rescale = 0.5;
  input.samplewise_center = true;
  input.samplewise_std_normalization = true;
  const InputConfig fitted = fit_to(input, images_of(5)).input;
  for (std::size_t c = 0; c < 3; ++c) {
    const double mean = (plain.feature_mean[c] - input.mean[c]) / input.scale[c] / 2;
    CHECK(fitted.feature_mean[c] == Approx(mean).epsilon(1e-6));
    CHECK(fitted.feature_std[c] == Approx(plain.feature_std[c] / input.scale[c] / 2).epsilon(1e-6));
  }
}

TEST_CASE("images without contrast have a deviation of exactly 0") {
  InputConfig input = featurewise();
  input.mean = {123, 123, 123};
  input.scale = {58, 58, 58};
  const std::vector<float> flat(48, 77);
  const FittedInput fitted = fit_to(input, {10, flat});
  CHECK(fitted.input.feature_std == std::vector<double>{0, 0, 0});
  CHECK(standardized(fitted, flat) == std::vector<float>(48, 0));
}

TEST_CASE("only what is used is fitted") {
  const FittedInput mean = fit_to(featurewise(true, false), images_of(2));
  CHECK(mean.input.feature_mean.size() == 3);
  CHECK(mean.input.feature_std.empty());
  CHECK_FALSE(mean.whitening.defined());
  const FittedInput deviation = fit_to(featurewise(false, true), images_of(2));
  CHECK(deviation.input.feature_mean.empty());
  CHECK(deviation.input.feature_std.size() == 3);
}

TEST_CASE("statistics that are given are kept, and no image is read for them") {
  InputConfig input = featurewise();
  input.feature_std = {1, 2, 4};
  CHECK(fit_to(input, images_of(2)).input.feature_mean.size() == 3);
  CHECK(fit_to(input, images_of(2)).input.feature_std == input.feature_std);
  input.feature_mean = {5, 6, 7};
  const InputConfig fitted = fit_input(input, 2, no_image).input;
  CHECK(fitted.feature_mean == input.feature_mean);
  CHECK(fitted.feature_std == input.feature_std);
}

TEST_CASE("an input needs a fit until its statistics are there, and always for whitening") {
  InputConfig input = plain_input();
  CHECK_FALSE(needs_fit(input));
  input.featurewise_center = true;
  CHECK(needs_fit(input));
  input.feature_mean = {1, 2, 3};
  CHECK_FALSE(needs_fit(input));
  input.featurewise_std_normalization = true;
  CHECK(needs_fit(input));
  input.feature_std = {1, 2, 3};
  CHECK_FALSE(needs_fit(input));
  input.zca_whitening = true;
  CHECK(needs_fit(input));
}

InputConfig with_switches(const json& names) {
  const auto has = [&](const char* name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  InputConfig input;
  input.samplewise_center = has("samplewise_center");
  input.samplewise_std_normalization = has("samplewise_std_normalization");
  input.featurewise_center = has("featurewise_center");
  input.featurewise_std_normalization = has("featurewise_std_normalization");
  input.zca_whitening = has("zca_whitening");
  return input;
}

std::vector<bool> switches_of(const InputConfig& input) {
  return {input.samplewise_center, input.samplewise_std_normalization, input.featurewise_center,
          input.featurewise_std_normalization, input.zca_whitening};
}

TEST_CASE("a switch implies the others that Keras's constructor turns") {
  const json& cases = standardization_fixture()["overrides"];
  REQUIRE(cases.size() == 20);
  for (const json& expected : cases) {
    INFO(expected.dump());
    const auto effective = switches_of(with_switches(expected["effective"]));
    CHECK(switches_of(with_implied_switches(with_switches(expected["given"]))) == effective);
    CHECK(switches_of(with_implied_switches(with_switches(expected["effective"]))) == effective);
  }
}

TEST_CASE("a whitening matrix that does not fit into a quarter of the memory is refused") {
  InputConfig input;
  CHECK_THROWS_MATCHES(
      check_whitening_fits(input, 4e9), Error,
      Catch::Message("model.input.zca_whitening: at 64x64x3 the matrix is 12288 x 12288: 604 MB, "
                     "and 4832 MB while it is fitted; a quarter of the machine's memory, 4000 MB, "
                     "is allowed, which is enough up to a size of 61"));
  CHECK_NOTHROW(check_whitening_fits(input, 4.84e9));
  input.size = 61;
  CHECK_NOTHROW(check_whitening_fits(input, 4e9));
  input.size = 62;
  CHECK_THROWS_AS(check_whitening_fits(input, 4e9), Error);
  input.color_mode = ColorMode::kGrayscale;
  CHECK_NOTHROW(check_whitening_fits(input, 4e9));
}

TEST_CASE("whitening that cannot fit is refused before an image is read") {
  CHECK_THROWS_WITH(fit_input(whitening_input(4096), 10, no_image),
                    Catch::StartsWith("model.input.zca_whitening: at 4096x4096x3 the matrix is "));
}

TEST_CASE("what cannot be fitted to is refused") {
  CHECK_THROWS_WITH(fit_to(featurewise(), {}), "fit: there are no images");
  CHECK_THROWS_WITH(fit_to(featurewise(), {std::vector<float>(48), std::vector<float>(16)}),
                    "fit: image 1 has 16 values; it must have 48");
}

}  // namespace
}  // namespace mobireg
