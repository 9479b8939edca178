#include "deploy/fold.h"
#include "deploy/loaded_network.h"
#include "deploy/standardize_images.h"
#include "deploy/trained_network.h"

namespace mobireg {

LoadedNetwork load_checkpoint(const std::filesystem::path& path) {
  const TrainedNetwork trained = load_trained_network(path);
  const bool inside = trained.standardizer->is_affine();
  const NetworkFunction run = engine_function(fold(trained.network, inside));
  if (inside) return {trained.card, run};
  const InputConfig& input = trained.card.model.input;
  return {trained.card, after(standardize_images(trained.standardizer, input), input, run)};
}

}  // namespace mobireg
