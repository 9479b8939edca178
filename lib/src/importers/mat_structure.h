#pragma once

#include <string_view>

namespace mobireg {

/// Looks through a MATLAB file of version 5 for what libmatio passes over: it takes what a
/// truncated or damaged file lacks for zeros. The variables must end where the file does, and
/// compressed ones be whole by their checksums. Throws Error (why, without the file's name), also
/// for another version.
void check_mat_structure(std::string_view bytes);

}  // namespace mobireg
