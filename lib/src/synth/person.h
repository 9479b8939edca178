#pragma once

#include "mobireg/core/random.h"
#include "synth/ellipsoid.h"

namespace mobireg {

enum class Hair { kBald, kCropped, kParted, kLong, kCurly, kBun };
enum class Beard { kNone, kMoustache, kFull };
enum class Glasses { kNone, kClear, kDark };

/// What tells one person from another. The defaults are a plain, symmetric head. Lengths are in
/// head units (half of a head's height); factors are relative to the plain head.
struct Person {
  float skull_width = 0.74F;
  float jaw_width = 0.60F;
  float chin = 1;
  float cheeks = 1;
  float nose_length = 1;
  float nose_width = 1;
  float eye_distance = 0.29F;  ///< From the middle of the face.
  float eye_size = 1;
  float lid = 0.35F;  ///< Height above the eye's middle where the upper lid ends, of its radius.
  float brow_height = 1;
  float brow_thickness = 1;
  float brow_slant = 0;  ///< Radians; positive: the outer ends hang.
  float mouth_width = 1;
  float mouth_open = 0;  ///< Half of the gap between the lips.
  float ear_size = 1;
  float hairline = 0;       ///< Shift down the forehead.
  float parting = 0;        ///< Slant of the hairline, to either side.
  cv::Vec2f gaze = {0, 0};  ///< Where the eyes look relative to the head; radians right and up.
  Hair hair = Hair::kCropped;
  Beard beard = Beard::kNone;
  Glasses glasses = Glasses::kNone;
  Colour skin = rgb(0.87F, 0.67F, 0.55F);
  Colour nose = rgb(0.88F, 0.64F, 0.53F);
  Colour lips = rgb(0.70F, 0.36F, 0.34F);
  Colour iris = rgb(0.30F, 0.42F, 0.52F);
  Colour hair_colour = rgb(0.24F, 0.16F, 0.10F);
  Colour frames = rgb(0.08F, 0.08F, 0.10F);
  Colour clothes = rgb(0.25F, 0.33F, 0.50F);
};

Person random_person(Random& random);

}  // namespace mobireg
