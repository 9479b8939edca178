#include "mobireg/bench/timing.h"

#include <atomic>
#include <nlohmann/json.hpp>
#include <sstream>

#include "mobireg/core/error.h"

using namespace mobireg;

namespace {

std::string served(const std::string& commands) {
  std::istringstream in(commands);
  std::ostringstream out;
  serve_timings(in, out, "{}", [](double seconds) { return Timing{64, seconds, seconds / 2}; });
  return out.str();
}

}  // namespace

TEST_CASE("every command to run is answered with a line of JSON") {
  std::istringstream lines(served("run 0.5\nrun 2\n"));
  std::string line;
  std::getline(lines, line);
  CHECK(line == "{}");
  for (const double seconds : {0.5, 2.0}) {
    REQUIRE(std::getline(lines, line));
    const auto answer = nlohmann::json::parse(line);
    CHECK(answer["images"] == 64);
    CHECK(answer["seconds"] == seconds);
    CHECK(answer["cpu_seconds"] == seconds / 2);
  }
  CHECK_FALSE(std::getline(lines, line));
}

TEST_CASE("other commands to a timed program are refused") {
  for (const std::string command : {"go 1", "run", "run fast", "run -1", "run nan"}) {
    CHECK_THROWS_WITH(served(command + "\n"),
                      "'" + command + "' is no command; known is 'run SECONDS'");
  }
}

TEST_CASE("work is done at least once on each thread, and counted") {
  std::atomic<int> calls{0};
  const Timing timing = time_for(0, 3, [&] {
    ++calls;
    return 5;
  });
  CHECK(calls == 3);
  CHECK(timing.count == 15);
}

TEST_CASE("work goes on until the time is over") {
  const Timing timing = time_for(0.05, 1, [] { return 1; });
  CHECK(timing.count > 1);
  CHECK(timing.seconds >= 0.05);
  CHECK(timing.cpu_seconds > 0);
}

TEST_CASE("an exception of timed work is thrown again") {
  CHECK_THROWS_WITH(time_for(1, 2, []() -> std::int64_t { throw Error("no image"); }), "no image");
}

TEST_CASE("the median of an even number of timings lies between the middle two") {
  CHECK(median_rate({{10, 1, 0}, {90, 1, 0}, {30, 1, 0}}) == 30);
  CHECK(median_rate({{10, 1, 0}, {90, 1, 0}, {30, 1, 0}, {50, 1, 0}}) == 40);
}
