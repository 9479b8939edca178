#include "deploy/loaded_network.h"
#include "deploy/ncnn.h"
#include "mobireg/core/file.h"

namespace mobireg {

LoadedNetwork load_ncnn(const std::filesystem::path& path) {
  const std::string origin = path.string();
  const auto beside = [&](const char* suffix) {
    return std::filesystem::path(path).replace_extension(suffix);
  };
  const std::filesystem::path card_file = beside(".json");
  const ModelCard card = ModelCard::from_json(read_file(card_file), card_file.string());
  const NetworkFunction run =
      engine_function(from_ncnn(read_file(path), read_file(beside(".bin")), origin));
  if (card.normalization_inside) return {card, run};
  return {card, after(outside_normalization(card, origin), card.model.input, run)};
}

}  // namespace mobireg
