#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace mobireg {

/// How much was done in how long.
struct Timing {
  std::int64_t count = 0;  // images, or rows
  double seconds = 0;
  double cpu_seconds = 0;  // of all the process's threads

  double per_second() const { return static_cast<double>(count) / seconds; }
};

/// Does something for about so many seconds, at least once.
using TimedRun = std::function<Timing(double seconds)>;

/// `threads` threads call `work` again and again, each until `seconds` have passed since the start;
/// `work` returns what it adds to the count. The first exception is thrown again.
Timing time_for(double seconds, int threads, const std::function<std::int64_t()>& work);

/// The most memory this process has held so far, in bytes.
double peak_memory();

/// Of the timings' counts a second.
double median_rate(const std::vector<Timing>& timings);

/// Lets another process say when to run, so that several programs are timed in turns: writes
/// `about` (a line of JSON), then answers each line "run SECONDS" of `in` with a line such as
///   {"images": 640, "seconds": 0.51, "cpu_seconds": 0.5}
/// until `in` ends. Throws Error at any other line. scripts/bench/data_peers.py is the other side.
void serve_timings(std::istream& in, std::ostream& out, const std::string& about,
                   const TimedRun& run);

}  // namespace mobireg
