#pragma once

namespace mobireg {

/// "major.minor.patch".
const char* version();

}  // namespace mobireg
