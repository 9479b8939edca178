#pragma once

namespace mobireg {

/// Processors this process may run on.
int available_cores();

}  // namespace mobireg
