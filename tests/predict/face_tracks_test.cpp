#include "predict/face_tracks.h"

#include <cmath>

#include "predicted_faces.h"

namespace mobireg {
namespace {

constexpr FaceBox kLeft{0, 0, 100, 100};
constexpr FaceBox kRight{200, 0, 300, 100};

double smoothed(FaceTracks& tracks, double seconds, const PredictedFace& face) {
  std::vector<PredictedFace> faces{face};
  tracks.smooth(seconds, faces);
  return faces[0].prediction.values[0];
}

TEST_CASE("an angle is filtered in degrees, whatever its unit") {
  const OneEuroOptions options{1, 0.5, 1};
  OneEuroFilter filter(options);
  FaceTracks in_radians(options), in_degrees(options);
  const auto radians = resolved_outputs({{"yaw", Unit::kRadians}});
  const auto degrees = resolved_outputs({{"yaw", Unit::kDegrees}});
  for (int i = 0; i < 10; ++i) {
    const double yaw = 20 * std::sin(i);
    const double expected = filter.filter(yaw, i / 30.0);
    const auto angle = static_cast<float>(yaw);
    CHECK(smoothed(in_degrees, i / 30.0, face_of(degrees, kLeft, {angle})) ==
          Approx(expected).margin(1e-4));
    CHECK(smoothed(in_radians, i / 30.0, face_of(radians, kLeft, {angle / 57.29578F})) * 57.29578 ==
          Approx(expected).margin(1e-4));
  }
}

TEST_CASE("an angle is filtered across half a turn") {
  FaceTracks tracks({1, 0, 1});
  const auto outputs = resolved_outputs({{"roll", Unit::kDegrees}});
  smoothed(tracks, 0, face_of(outputs, kLeft, {179}));
  const double next = smoothed(tracks, 0.05, face_of(outputs, kLeft, {-177}));
  CHECK(std::abs(next) > 178);
  CHECK(std::abs(next) <= 180);
}

TEST_CASE("points are filtered where they are in the picture, not in a crop that trembles") {
  FaceTracks tracks({0.5, 0, 1});
  const auto outputs = resolved_outputs({{"x0", Unit::kImage}, {"y0", Unit::kImage}});
  for (int i = 0; i < 20; ++i) {
    const double shift = i % 2 == 0 ? 4 : -4;
    const FaceBox box{shift, -shift, 100 + 2 * shift, 100};
    const double x = (50 - box.x0) / (box.x1 - box.x0);
    const double y = (30 - box.y0) / (box.y1 - box.y0);
    std::vector<PredictedFace> faces{
        face_of(outputs, box, {static_cast<float>(x), static_cast<float>(y)})};
    tracks.smooth(i / 30.0, faces);
    const ImagePoint point = points_of(faces[0].prediction)[0];
    CHECK(point.x == Approx(50).margin(0.01));
    CHECK(point.y == Approx(30).margin(0.01));
  }
}

TEST_CASE("two faces keep filters of their own, in whatever order they come") {
  FaceTracks tracks({0.1, 0, 1});
  const auto outputs = resolved_outputs({{"yaw", Unit::kDegrees}});
  for (int i = 0; i < 6; ++i) {
    std::vector<PredictedFace> faces{face_of(outputs, kLeft, {-30}),
                                     face_of(outputs, kRight, {40})};
    if (i % 2 == 1) std::swap(faces[0], faces[1]);
    tracks.smooth(i / 30.0, faces);
    CHECK(faces[static_cast<std::size_t>(i % 2)].prediction.values[0] == Approx(-30));
    CHECK(faces[static_cast<std::size_t>(1 - i % 2)].prediction.values[0] == Approx(40));
  }
}

TEST_CASE("a face that comes back after half a second, or elsewhere, begins anew") {
  const auto outputs = resolved_outputs({{"yaw", Unit::kDegrees}});
  const auto second = [&](const FaceBox& box, double seconds) {
    FaceTracks tracks({0.1, 0, 1});
    smoothed(tracks, 0, face_of(outputs, kLeft, {0}));
    return smoothed(tracks, seconds, face_of(outputs, box, {30}));
  };
  CHECK(second(kLeft, 0.1) < 5);
  CHECK(second(kLeft, 0.6) == Approx(30));
  CHECK(second(kRight, 0.1) == Approx(30));
}

TEST_CASE("plain outputs are filtered as they are") {
  const OneEuroOptions options{1, 1, 1};
  FaceTracks tracks(options);
  OneEuroFilter filter(options);
  const auto outputs = resolved_outputs({{"age", Unit::kNone}});
  for (int i = 0; i < 4; ++i) {
    CHECK(smoothed(tracks, i * 0.1, face_of(outputs, kLeft, {static_cast<float>(i * i)})) ==
          Approx(filter.filter(i * i, i * 0.1)));
  }
}

}  // namespace
}  // namespace mobireg
