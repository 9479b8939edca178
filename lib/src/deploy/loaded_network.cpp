#include "deploy/loaded_network.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/fail.h"
#include "deploy/image_pixels.h"
#include "mobireg/model/head_outputs.h"

namespace mobireg {

void check_numbers(const LoadedNetwork& network, const std::string& origin) {
  const std::vector<float> black(input_values(network.card.model.input));
  std::vector<float> outputs(static_cast<std::size_t>(raw_column_count(network.card.model)));
  network.run(black.data(), 1, outputs.data());
  const auto finite = [](float value) { return std::isfinite(value); };
  if (std::all_of(outputs.begin(), outputs.end(), finite)) return;
  fail("{}: it gives no numbers for a black image; it is damaged", origin);
}

NetworkFunction after(NetworkFunction first, const InputConfig& input, NetworkFunction network) {
  const std::size_t values = input_values(input);
  return [first = std::move(first), network = std::move(network), values](
             const float* pixels, std::int64_t count, float* outputs) {
    std::vector<float> fed(static_cast<std::size_t>(count) * values);
    first(pixels, count, fed.data());
    network(fed.data(), count, outputs);
  };
}

}  // namespace mobireg
