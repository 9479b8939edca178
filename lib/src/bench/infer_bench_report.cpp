#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/fail.h"
#include "mobireg/bench/infer_bench.h"

namespace mobireg {
namespace {

/// Parts of one kind together, in the order in which the kinds begin.
std::vector<InferPart> by_kind(const std::vector<InferPart>& parts) {
  std::vector<InferPart> kinds;
  for (const InferPart& part : parts) {
    auto kind = std::find_if(kinds.begin(), kinds.end(),
                             [&](const InferPart& known) { return known.kind == part.kind; });
    if (kind == kinds.end()) kind = kinds.insert(kind, {part.kind, part.kind});
    kind->seconds += part.seconds;
    kind->multiply_adds += part.multiply_adds;
    kind->weight_bytes += part.weight_bytes;
  }
  return kinds;
}

double all_seconds(const std::vector<InferPart>& parts) {
  double seconds = 0;
  for (const InferPart& part : parts) seconds += part.seconds;
  return seconds;
}

}  // namespace

double Latencies::median() const {
  if (calls.empty()) fail("no calls were timed");
  std::vector<double> sorted = calls;
  std::sort(sorted.begin(), sorted.end());
  return (sorted[(sorted.size() - 1) / 2] + sorted[sorted.size() / 2]) / 2;
}

double Latencies::p99() const {
  if (calls.empty()) fail("no calls were timed");
  std::vector<double> sorted = calls;
  std::sort(sorted.begin(), sorted.end());
  return sorted[(99 * sorted.size() + 99) / 100 - 1];
}

double Latencies::images_per_second() const {
  return static_cast<double>(batch) * static_cast<double>(calls.size()) / seconds;
}

void Latencies::add(const Latencies& more) {
  batch = more.batch;
  calls.insert(calls.end(), more.calls.begin(), more.calls.end());
  seconds += more.seconds;
  cpu_seconds += more.cpu_seconds;
}

std::string InferBenchReport::to_string() const {
  std::string text = what + fmt::format("\n  {:<32}{:>10}{:>10}{:>11}{:>10}\n", "", "median ms",
                                        "p99 ms", "images/s", "start ms");
  for (const Row& row : rows) {
    text += fmt::format("  {:<32}{:>10.3f}{:>10.3f}{:>11.0f}{:>10.1f}\n", row.name,
                        1e3 * row.latencies.median(), 1e3 * row.latencies.p99(),
                        row.latencies.images_per_second(), 1e3 * row.start);
  }
  if (parts.empty()) return text;
  text += fmt::format("  {:<32}{:>10}{:>10}{:>11}{:>10}\n", "mobireg, an image", "us", "%",
                      "GMAC/s", "weight kB");
  const double all = all_seconds(parts);
  for (const InferPart& kind : by_kind(parts)) {
    text += fmt::format("  {:<32}{:>10.1f}{:>10.1f}{:>11.1f}{:>10.0f}\n", kind.kind,
                        1e6 * kind.seconds, 100 * kind.seconds / all,
                        kind.multiply_adds / kind.seconds / 1e9, kind.weight_bytes / 1e3);
  }
  return text;
}

std::string InferBenchReport::to_json() const {
  nlohmann::ordered_json json{{"what", what}};
  for (const Row& row : rows) {
    json["networks"].push_back({{"name", row.name},
                                {"median", row.latencies.median()},
                                {"p99", row.latencies.p99()},
                                {"images_per_second", row.latencies.images_per_second()},
                                {"start", row.start},
                                {"calls", row.latencies.calls.size()}});
  }
  for (const InferPart& part : parts) {
    json["parts"].push_back({{"name", part.name},
                             {"kind", part.kind},
                             {"seconds", part.seconds},
                             {"multiply_adds", part.multiply_adds},
                             {"weight_bytes", part.weight_bytes}});
  }
  return json.dump(2) + "\n";
}

}  // namespace mobireg
