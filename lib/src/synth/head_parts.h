#pragma once

#include <vector>

#include "synth/head_scene.h"

namespace mobireg {

/// Ellipsoids in head coordinates: the origin between the ears, chin at y = -1, crown at y = 1,
/// ears on the x axis, the face towards z.
using Parts = std::vector<Ellipsoid>;

/// Skull, jaw, cheeks, ears and nose.
Parts skin_parts(const Person& person);

/// Eyes, brows and lips, on the surface of `skin`.
Parts feature_parts(const Person& person, const Parts& skin);

/// Hair, beard and glasses, on the surface of `skin`.
Parts style_parts(const Person& person, const Parts& skin);

/// z of the foremost point of `parts` (all of them upright) over (x, y); 0 where there is none.
float front_depth(const Parts& parts, float x, float y);

/// `rotation_from_pose` in the renderer's types.
cv::Matx33f head_to_camera(const Pose& pose);

/// All that the picture shows of a person, head and shoulders, in camera coordinates: those of the
/// head, turned by its pose about its own origin.
Parts scene_parts(const HeadScene& scene);

}  // namespace mobireg
