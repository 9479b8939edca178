#include "mobireg/bench/timing.h"

#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <istream>
#include <ostream>
#include <sstream>

#include "core/fail.h"
#include "core/parallel_for.h"
#include "mobireg/core/text.h"

namespace mobireg {
namespace {

double now(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double seconds_asked_for(const std::string& line) {
  std::istringstream words(line);
  std::string command;
  double seconds = 0;
  if (!(words >> command >> seconds) || command != "run" || !(seconds >= 0)) {
    fail("{} is no command; known is 'run SECONDS'", in_quotes(line));
  }
  return seconds;
}

}  // namespace

Timing time_for(double seconds, int threads, const std::function<std::int64_t()>& work) {
  std::atomic<std::int64_t> count{0};
  const double begin = now(CLOCK_MONOTONIC);
  const double begin_cpu = now(CLOCK_PROCESS_CPUTIME_ID);
  parallel_for(threads, threads, [&](std::int64_t) {
    do {
      count += work();
    } while (now(CLOCK_MONOTONIC) - begin < seconds);
  });
  return {count, now(CLOCK_MONOTONIC) - begin, now(CLOCK_PROCESS_CPUTIME_ID) - begin_cpu};
}

double peak_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * static_cast<double>(usage.ru_maxrss);
}

double median_rate(const std::vector<Timing>& timings) {
  std::vector<double> rates;
  for (const Timing& timing : timings) rates.push_back(timing.per_second());
  std::sort(rates.begin(), rates.end());
  const std::size_t half = rates.size() / 2;
  return rates.size() % 2 == 1 ? rates.at(half) : (rates.at(half - 1) + rates.at(half)) / 2;
}

void serve_timings(std::istream& in, std::ostream& out, const std::string& about,
                   const TimedRun& run) {
  out << about << std::endl;
  for (std::string line; std::getline(in, line);) {
    const Timing timing = run(seconds_asked_for(line));
    out << fmt::format(R"({{"images": {}, "seconds": {}, "cpu_seconds": {}}})", timing.count,
                       timing.seconds, timing.cpu_seconds)
        << std::endl;
  }
}

}  // namespace mobireg
