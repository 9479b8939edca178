#pragma once

#include <optional>
#include <vector>

#include "mobireg/core/rotation.h"
#include "mobireg/deploy/predictor.h"
#include "mobireg/predict/pose_from_landmarks.h"

namespace mobireg {

/// A face of a picture and what the network says of it.
struct PredictedFace {
  FaceBox box;  // as found or given; without one, the picture
  Prediction prediction;
  std::optional<Pose> landmark_pose;  // of networks of 68 points
};

/// The outputs of kind x and y, in pixels of the picture; none where there are not as many of both.
std::vector<ImagePoint> points_of(const Prediction& prediction);

/// The pose that the network predicts, or that its landmarks give.
std::optional<Pose> pose_of(const PredictedFace& face);

/// Whether the outputs are 300-W's 68 points and no angles.
bool gives_landmark_pose(const std::vector<OutputConfig>& outputs);

}  // namespace mobireg
