#include <nlohmann/json.hpp>

#include "core/fail.h"
#include "mobireg/bench/data_bench.h"

namespace mobireg {
namespace {

std::string describe(const DataBench& bench, int threads) {
  const InputConfig& input = bench.config().model.input;
  const char* mode = bench.config().data.mode == ImageMode::kMemory   ? "memory"
                     : bench.config().data.mode == ImageMode::kStream ? "stream"
                                                                      : "auto";
  return fmt::format("{} images to {}x{}, mode {}, DCT scaling {}, {} thread{}", bench.images(),
                     input.size, input.size, mode, input.dct_scaling ? "on" : "off", threads,
                     threads == 1 ? "" : "s");
}

std::string stage_line(const char* name, double microseconds) {
  return fmt::format("  {:<20}{:>9.1f} us\n", name, microseconds);
}

std::string stages_text(const DataStages& stages) {
  return "stages, of one image on one thread:\n" + stage_line("decode and resize", stages.decode) +
         stage_line("warp", stages.warp) + stage_line("colour and noise", stages.colour) +
         stage_line("standardise", stages.standardize) + stage_line("sum", stages.sum());
}

}  // namespace

std::string DataBenchReport::to_string() const {
  std::string text = what + "\n";
  for (std::size_t i = 0; i < rounds.size(); ++i) {
    text += fmt::format("  round {:<3}{:>10.0f} /s{:>9.2f} s\n", i + 1, rounds[i].per_second(),
                        rounds[i].seconds);
  }
  const double rate = median_rate(rounds);
  text += fmt::format("  median   {:>10.0f} /s{:>9.1f} us each\n", rate, 1e6 / rate);
  return stages ? text + stages_text(*stages) : text;
}

std::string DataBenchReport::to_json() const {
  nlohmann::ordered_json json{{"what", what}, {"per_second", median_rate(rounds)}};
  for (const Timing& round : rounds) {
    json["rounds"].push_back(
        {{"count", round.count}, {"seconds", round.seconds}, {"cpu_seconds", round.cpu_seconds}});
  }
  if (stages) {
    json["stages_us"] = {{"decode", stages->decode},
                         {"warp", stages->warp},
                         {"colour", stages->colour},
                         {"standardize", stages->standardize}};
  }
  return json.dump(2) + "\n";
}

DataBenchReport bench_data(const DataBenchOptions& options, int rounds, double seconds) {
  DataBench bench(options);
  bench.run(0);
  DataBenchReport report{describe(bench, options.threads), {}, {}};
  for (int i = 0; i < rounds; ++i) report.rounds.push_back(bench.run(seconds));
  report.stages = bench.stages(seconds);
  return report;
}

DataBenchReport bench_row_checks(const DataBenchOptions& options, int rounds) {
  const RowCheckBench bench(options);
  const Timing first = bench.run(0);
  DataBenchReport report{fmt::format("{} rows checked, {} thread{}", first.count, options.threads,
                                     options.threads == 1 ? "" : "s"),
                         {},
                         {}};
  for (int i = 0; i < rounds; ++i) report.rounds.push_back(bench.run(0));
  return report;
}

}  // namespace mobireg
