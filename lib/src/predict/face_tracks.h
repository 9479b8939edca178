#pragma once

#include <vector>

#include "mobireg/predict/one_euro_filter.h"
#include "predict/face.h"

namespace mobireg {

/// Smooths the faces of a video: a face is taken for one of the last frames' by where it is, and
/// each output of each face has a filter of its own. Angles are filtered in degrees, points in
/// hundredths of the first crop's longer side where they are in the picture, other outputs as they
/// are.
class FaceTracks {
 public:
  explicit FaceTracks(const OneEuroOptions& options) : options_(options) {}

  /// Replaces the predictions of a frame at `seconds`.
  void smooth(double seconds, std::vector<PredictedFace>& faces);

 private:
  struct Track {
    FaceBox box;
    double percent = 1;  // a pixel in hundredths of the first crop's longer side
    double seconds = 0;  // last seen
    std::vector<OneEuroFilter> filters;
    bool taken = false;  // in this frame
  };

  Track& track_of(const PredictedFace& face, double seconds);
  void smooth_face(Track& track, double seconds, Prediction& prediction) const;

  OneEuroOptions options_;
  std::vector<Track> tracks_;
};

}  // namespace mobireg
