#include "deploy/loaded_network.h"

#include <vector>

#include "deploy/image_pixels.h"

namespace mobireg {

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
