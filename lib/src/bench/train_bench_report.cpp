#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/fail.h"
#include "mobireg/bench/train_bench.h"

namespace mobireg {
namespace {

double median_ratio(const std::vector<Timing>& above, const std::vector<Timing>& below,
                    double factor) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < above.size(); ++i) {
    ratios.push_back(factor * above[i].per_second() / below.at(i).per_second());
  }
  std::sort(ratios.begin(), ratios.end());
  return (ratios.at((ratios.size() - 1) / 2) + ratios.at(ratios.size() / 2)) / 2;
}

}  // namespace

double TrainBenchReport::loader_share() const { return median_ratio(with_loader, without_data, 1); }

double TrainBenchReport::product_share() const {
  return median_ratio(without_data, products, operations_an_image);
}

std::string TrainBenchReport::to_string() const {
  std::string times;
  double all = 0;
  for (const StepPart& part : parts) all += part.seconds;
  for (const StepPart& part : parts) {
    times += fmt::format("  {:<35} {:>9.1f} us an image ({:.1f} %)\n", part.name,
                         1e6 * part.seconds, 100 * part.seconds / all);
  }
  return what +
         fmt::format(
             "\n"
             "  training, one batch again and again {:>9.0f} images/s\n"
             "  training, with the loader           {:>9.0f} images/s ({:.1f} % of it)\n"
             "  matrix products of 2048             {:>9.1f} GFLOP/s\n"
             "  training's share of that rate       {:>9.1f} % (6 operations a multiply-add)\n"
             "  peak memory                         {:>9.0f} MB\n",
             median_rate(without_data), median_rate(with_loader), 100 * loader_share(),
             median_rate(products) / 1e9, 100 * product_share(), peak_memory / 1e6) +
         times;
}

std::string TrainBenchReport::to_json() const {
  nlohmann::ordered_json json{{"what", what},
                              {"images_per_second", median_rate(without_data)},
                              {"with_loader", median_rate(with_loader)},
                              {"loader_share", loader_share()},
                              {"gemm_flops", median_rate(products)},
                              {"gemm_share", product_share()},
                              {"peak_memory", peak_memory}};
  for (const StepPart& part : parts) json["seconds_an_image"][part.name] = part.seconds;
  for (std::size_t i = 0; i < without_data.size(); ++i) {
    json["rounds"].push_back({{"images_per_second", without_data[i].per_second()},
                              {"with_loader", with_loader[i].per_second()},
                              {"gemm_flops", products[i].per_second()}});
  }
  return json.dump(2) + "\n";
}

}  // namespace mobireg
