#pragma once

#include <optional>
#include <string>
#include <vector>

#include "importers/face_geometry.h"
#include "mobireg/core/rotation.h"

namespace mobireg {

/// One row of an imported data set.
struct LabelledFace {
  std::string filename;  // of the image, relative to the data set's folder
  std::string group;
  Pose pose{};                     // radians; unused in formats without angles
  std::optional<FaceBox> box{};    // of the landmarks, where there are any
  std::vector<Point> landmarks{};  // pixels, as they are read; then image units, or none
};

}  // namespace mobireg
