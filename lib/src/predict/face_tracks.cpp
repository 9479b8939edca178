#include "predict/face_tracks.h"

#include <algorithm>
#include <cmath>

#include "mobireg/config/units.h"

namespace mobireg {
namespace {

constexpr double kForgotten = 0.5;  // seconds after which a face is another one
constexpr double kSameFace = 0.3;   // intersection over union

double area(const FaceBox& box) {
  return std::max(0.0, box.x1 - box.x0) * std::max(0.0, box.y1 - box.y0);
}

double overlap(const FaceBox& a, const FaceBox& b) {
  const double shared = area(
      {std::max(a.x0, b.x0), std::max(a.y0, b.y0), std::min(a.x1, b.x1), std::min(a.y1, b.y1)});
  return shared > 0 ? shared / (area(a) + area(b) - shared) : 0;
}

/// How an output is filtered: filtered = value * factor + offset.
struct Scale {
  double factor = 1;
  double offset = 0;
};

Scale scale_of(const OutputConfig& output, const FaceBox& seen, double percent) {
  switch (output.kind.value_or(OutputKind::kPlain)) {
    case OutputKind::kX:
      return {(seen.x1 - seen.x0) * percent, seen.x0 * percent};
    case OutputKind::kY:
      return {(seen.y1 - seen.y0) * percent, seen.y0 * percent};
    default:
      return {report_factor(output.unit), 0};
  }
}

/// The same direction, within half a turn of `near`.
double unwrapped(double degrees, double near) {
  return degrees + 360 * std::round((near - degrees) / 360);
}

}  // namespace

FaceTracks::Track& FaceTracks::track_of(const PredictedFace& face, double seconds) {
  Track* best = nullptr;
  double most = kSameFace;
  for (Track& track : tracks_) {
    const double shared = overlap(track.box, face.box);
    if (!track.taken && shared > most) {
      best = &track;
      most = shared;
    }
  }
  if (best == nullptr) {
    tracks_.push_back({});
    best = &tracks_.back();
    const FaceBox& seen = face.prediction.seen;
    best->percent = 100 / std::max(seen.x1 - seen.x0, seen.y1 - seen.y0);
    best->filters.assign(face.prediction.values.size(), OneEuroFilter(options_));
  }
  best->box = face.box;
  best->seconds = seconds;
  best->taken = true;
  return *best;
}

void FaceTracks::smooth_face(Track& track, double seconds, Prediction& prediction) const {
  for (std::size_t i = 0; i < prediction.values.size(); ++i) {
    const OutputConfig& output = (*prediction.outputs)[i];
    OneEuroFilter& filter = track.filters[i];
    const Scale scale = scale_of(output, prediction.seen, track.percent);
    double value = static_cast<double>(prediction.values[i]) * scale.factor + scale.offset;
    if (is_angle(output.unit)) {
      value = unwrapped(filter.filter(unwrapped(value, filter.last()), seconds), 0);
    } else {
      value = filter.filter(value, seconds);
    }
    prediction.values[i] = static_cast<float>((value - scale.offset) / scale.factor);
  }
}

void FaceTracks::smooth(double seconds, std::vector<PredictedFace>& faces) {
  tracks_.erase(
      std::remove_if(tracks_.begin(), tracks_.end(),
                     [&](const Track& track) { return seconds - track.seconds > kForgotten; }),
      tracks_.end());
  for (Track& track : tracks_) track.taken = false;
  for (PredictedFace& face : faces) {
    smooth_face(track_of(face, seconds), seconds, face.prediction);
  }
}

}  // namespace mobireg
