#pragma once

#include <array>

namespace mobireg {

/// The brows, the nose and the eyes (points 17 to 47 of 300-W's 68) of a mean face that looks into
/// the camera: x to the right of the image, y up, z towards the viewer, in units of the distance of
/// the outer corners of the eyes. Factorised by scripts/reference/mean_face.py from 300-W's
/// landmarks of the 1207 faces of HELEN and AFW; no other 3-D model went in. Where pitch is 0 comes
/// from poses fitted to the same faces.
inline constexpr int kMeanFaceBegin = 17;
inline constexpr std::array<std::array<double, 3>, 31> kMeanFace{{
    {-0.6658, 0.1767, -0.2283},  {-0.5672, 0.2690, -0.1018}, {-0.4233, 0.2999, 0.0023},
    {-0.2728, 0.2816, 0.0824},   {-0.1308, 0.2291, 0.1345},  {0.1308, 0.2291, 0.1345},
    {0.2728, 0.2816, 0.0824},    {0.4233, 0.2999, 0.0023},   {0.5672, 0.2690, -0.1018},
    {0.6658, 0.1767, -0.2283},   {0.0000, 0.0575, 0.1043},   {0.0000, -0.0787, 0.1735},
    {0.0000, -0.2125, 0.2512},   {0.0000, -0.3507, 0.3281},  {-0.1699, -0.4498, 0.1003},
    {-0.0879, -0.4778, 0.1386},  {0.0000, -0.5011, 0.1620},  {0.0879, -0.4778, 0.1386},
    {0.1699, -0.4498, 0.1003},   {-0.5000, 0.0350, -0.1559}, {-0.4099, 0.0838, -0.1038},
    {-0.3028, 0.0828, -0.0855},  {-0.2081, 0.0152, -0.0881}, {-0.3082, -0.0019, -0.0928},
    {-0.4155, -0.0006, -0.1114}, {0.2081, 0.0152, -0.0881},  {0.3028, 0.0828, -0.0855},
    {0.4099, 0.0838, -0.1038},   {0.5000, 0.0350, -0.1559},  {0.4155, -0.0006, -0.1114},
    {0.3082, -0.0019, -0.0928},
}};

}  // namespace mobireg
