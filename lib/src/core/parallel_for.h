#pragma once

#include <cstdint>
#include <functional>

namespace mobireg {

/// Calls `body(i)` once for each i in [0, count), on `threads` threads (at least 1) of which the
/// caller's is one, in no order that could be relied on. `done`, where given, is called on the
/// caller's thread after each of its own calls and at the end, with the number of calls that have
/// returned. The first exception thrown by either stops the others soon and is thrown again here.
void parallel_for(std::int64_t count, int threads, const std::function<void(std::int64_t)>& body,
                  const std::function<void(std::int64_t)>& done = {});

}  // namespace mobireg
