// Which rows have the same picture, and which have one that is alike.

#include <map>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "inspect/duplicates.h"
#include "mobireg/core/random.h"

namespace mobireg {
namespace {

/// Blurred noise: as many low frequencies as a photograph, all different.
cv::Mat3b picture(std::uint64_t seed) {
  cv::Mat3b noise(16, 16), image;
  Random random(seed);
  for (auto& pixel : noise) {
    for (int c = 0; c < 3; ++c) pixel[c] = static_cast<uchar>(random.below(256));
  }
  cv::resize(noise, image, {64, 64}, 0, 0, cv::INTER_CUBIC);
  return image;
}

ImageSignature sign(const cv::Mat3b& image) {
  return signature_of({image.rows, image.cols, 3, image.data});
}

ComparedRows rows_of(const std::vector<cv::Mat3b>& images, std::vector<bool> is_trained_on = {}) {
  ComparedRows rows;
  for (const cv::Mat3b& image : images) rows.signatures.push_back(sign(image));
  is_trained_on.resize(images.size(), true);
  rows.is_trained_on = is_trained_on;
  return rows;
}

NearPairs near(const ComparedRows& rows, int threads = 1) {
  return find_near_duplicates(rows, find_exact_duplicates(rows.signatures), threads);
}

cv::Mat3b recompressed(const cv::Mat3b& image) {
  std::vector<uchar> bytes;
  cv::imencode(".jpg", image, bytes, {cv::IMWRITE_JPEG_QUALITY, 60});
  return cv::imdecode(bytes, cv::IMREAD_COLOR);
}

cv::Mat3b brightened(const cv::Mat3b& image) {
  cv::Mat3b result;
  image.convertTo(result, -1, 0.9, 20);
  return result;
}

cv::Mat3b mirrored(const cv::Mat3b& image) {
  cv::Mat3b result;
  cv::flip(image, result, 1);
  return result;
}

TEST_CASE("exact duplicates are groups of rows with the same pixels") {
  const cv::Mat3b a = picture(1), b = picture(2), c = picture(3);
  cv::Mat3b almost = a.clone();
  almost(5, 5)[1] ^= 1;
  const ComparedRows rows = rows_of({c, a, b, a, almost, b, a});
  CHECK(find_exact_duplicates(rows.signatures) == std::vector<ExactGroup>{{1, 3, 6}, {2, 5}});
}

TEST_CASE("the same bytes in another shape are another picture") {
  const std::vector<std::uint8_t> pixels(64 * 16 * 3, 7);
  const ImageSignature wide = signature_of({16, 64, 3, pixels.data()});
  const ImageSignature high = signature_of({64, 16, 3, pixels.data()});
  CHECK(wide.digest != high.digest);
}

TEST_CASE("a copy that was compressed or brightened again is a near duplicate") {
  const cv::Mat3b image = picture(1);
  const cv::Mat3b copy = GENERATE_COPY(recompressed(image), brightened(image));
  const NearPairs found = near(rows_of({picture(2), image, picture(3), copy}));
  REQUIRE(found.pairs.size() == 1);
  CHECK(found.pairs[0].first == 1);
  CHECK(found.pairs[0].second == 3);
  CHECK(found.pairs[0].distance <= kNearDistance);
  CHECK(found.pairs[0].correlation > 0.99);
  CHECK_FALSE(found.pairs[0].mirrored);
  CHECK(found.is_complete);
}

TEST_CASE("a mirrored copy is a near duplicate and said to be mirrored") {
  const cv::Mat3b image = picture(1);
  const NearPairs found = near(rows_of({image, picture(2), recompressed(mirrored(image))}));
  REQUIRE(found.pairs.size() == 1);
  CHECK(found.pairs[0].second == 2);
  CHECK(found.pairs[0].mirrored);
}

TEST_CASE("the hash of a mirrored picture is the mirrored hash") {
  const ImageSignature image = sign(picture(4)), mirror = sign(mirrored(picture(4)));
  CHECK(image.hash == mirror.mirrored_hash);
  CHECK(image.mirrored_hash == mirror.hash);
  CHECK(mirrored_correlation(image, mirror) == Approx(1).margin(1e-3));
  CHECK(correlation(image, mirror) < 0.5);
}

TEST_CASE("different pictures are not near duplicates") {
  std::vector<cv::Mat3b> images;
  for (std::uint64_t seed = 0; seed < 300; ++seed) images.push_back(picture(seed));
  CHECK(near(rows_of(images)).pairs.empty());
}

TEST_CASE("pictures of one colour are like nothing") {
  const cv::Mat3b black(64, 64, cv::Vec3b(0, 0, 0)), grey(64, 64, cv::Vec3b(90, 90, 90));
  CHECK(near(rows_of({black, grey})).pairs.empty());
}

TEST_CASE("exact duplicates are compared once, but on both sides of the split") {
  const cv::Mat3b image = picture(1), copy = recompressed(image);
  const ComparedRows rows =
      rows_of({image, image, image, image, copy}, {true, true, false, false, true});
  std::vector<std::pair<std::int64_t, std::int64_t>> pairs;
  for (const NearPair& pair : near(rows).pairs) pairs.emplace_back(pair.first, pair.second);
  CHECK(pairs == std::vector<std::pair<std::int64_t, std::int64_t>>{{0, 4}, {2, 4}});
}

TEST_CASE("the bands find every pair of hashes that comparing all with all finds") {
  Random random(5);
  ComparedRows rows;
  for (int i = 0; i < 400; ++i) {
    ImageSignature signature;
    signature.hash = std::uint64_t{random.next()} << 32 | random.next();
    if (i % 2 == 1) {
      signature.hash = rows.signatures.back().hash;
      for (std::uint64_t flips = random.below(10); flips > 0; --flips) {
        signature.hash ^= std::uint64_t{1} << random.below(64);
      }
    }
    signature.mirrored_hash = ~signature.hash;
    signature.patch.fill(1);
    signature.digest[0] = static_cast<std::uint8_t>(i);
    signature.digest[1] = static_cast<std::uint8_t>(i >> 8);
    rows.signatures.push_back(signature);
    rows.is_trained_on.push_back(true);
  }
  std::vector<std::pair<std::int64_t, std::int64_t>> expected, found;
  for (std::size_t a = 0; a < 400; ++a) {
    for (std::size_t b = a + 1; b < 400; ++b) {
      const std::uint64_t difference = rows.signatures[a].hash ^ rows.signatures[b].hash;
      if (__builtin_popcountll(difference) <= kNearDistance) expected.emplace_back(a, b);
    }
  }
  for (const NearPair& pair : near(rows).pairs) found.emplace_back(pair.first, pair.second);
  CHECK(expected.size() > 100);
  CHECK(found == expected);
}

TEST_CASE("pictures that are all alike are cut short, and pairs across the split are kept") {
  std::vector<cv::Mat3b> images;
  cv::Mat3b image = picture(1);
  for (int i = 0; i < 200; ++i) {
    image(i / 60, i % 60)[0] ^= 8;
    images.push_back(image.clone());
  }
  std::vector<bool> is_trained_on(images.size(), true);
  is_trained_on.back() = false;
  const ComparedRows rows = rows_of(images, is_trained_on);
  const NearPairs found = near(rows, 2);
  CHECK_FALSE(found.is_complete);
  std::map<std::int64_t, int> within;
  int across = 0;
  for (const NearPair& pair : found.pairs) {
    pair.second == 199 ? ++across : ++within[pair.first];
  }
  CHECK(across == 199);
  CHECK(within[0] == 50);
  CHECK(within[190] == 8);
  CHECK(near(rows, 1).pairs.size() == found.pairs.size());
}

}  // namespace
}  // namespace mobireg
