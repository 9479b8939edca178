#pragma once

namespace mobireg {

/// What an error costs (see training/losses.h). `kGeodesic`: the angle between two rotations, of a
/// head's pitch, yaw and roll together. `kHeteroscedastic`: the negative log-likelihood of a normal
/// distribution whose variance the head gives too.
enum class LossKind { kMse, kMae, kHuber, kWing, kGeodesic, kHeteroscedastic };

}  // namespace mobireg
