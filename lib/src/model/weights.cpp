#include "mobireg/model/weights.h"

#include <torch/types.h>

#include <algorithm>
#include <map>

#include "core/fail.h"
#include "mobireg/config/run_config.h"

namespace mobireg {
namespace {

bool starts_with(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

/// LibTorch's count of batches; neither Keras nor inference knows it.
bool is_counter(const std::string& name) {
  static const std::string suffix = ".num_batches_tracked";
  return name.size() > suffix.size() &&
         name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0;
}

std::string list_some(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, names.size()); ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  return names.size() > 3 ? text + fmt::format(" and {} more", names.size() - 3) : text;
}

/// Whether a weight's name is `part` or lies in it.
bool is_in(const std::string& part, const std::string& name) {
  return starts_with(name, part) && (name.size() == part.size() || name[part.size()] == '.');
}

void keep_parts(const std::vector<std::string>& parts, std::vector<NamedTensor>& tensors) {
  const auto is_out = [&](const NamedTensor& named) {
    return std::none_of(parts.begin(), parts.end(),
                        [&](const std::string& part) { return is_in(part, named.name); });
  };
  tensors.erase(std::remove_if(tensors.begin(), tensors.end(), is_out), tensors.end());
}

void check_parts(const std::vector<std::string>& parts, const RegressorImpl& network) {
  std::vector<std::string> known{"backbone"};
  for (const HeadConfig& head : network.config().heads) known.push_back("heads." + head.name);
  const std::vector<NamedTensor> weights = named_weights(network);
  for (const std::string& part : parts) {
    const bool is_known =
        std::any_of(weights.begin(), weights.end(),
                    [&](const NamedTensor& named) { return is_in(part, named.name); });
    if (!is_known) {
      fail("training.init_parts: '{}' is no part of the network; its parts are {}", part,
           list_some(known));
    }
  }
}

void copy_weights(const std::vector<NamedTensor>& targets, const TensorFile& file,
                  const std::string& origin, const std::vector<std::string>& ignore) {
  std::map<std::string, at::Tensor> given;
  for (const NamedTensor& named : file.tensors) {
    const bool ignored = is_counter(named.name) ||
                         std::any_of(ignore.begin(), ignore.end(), [&](const std::string& prefix) {
                           return starts_with(named.name, prefix);
                         });
    if (!ignored) given[named.name] = named.tensor;
  }
  std::vector<std::string> missing;
  for (const NamedTensor& target : targets) {
    const auto found = given.find(target.name);
    if (found == given.end()) {
      missing.push_back(target.name);
    } else if (found->second.sizes() != target.tensor.sizes()) {
      fail("{}: {} has shape {}, the network's has {}", origin, target.name,
           c10::str(found->second.sizes()), c10::str(target.tensor.sizes()));
    }
  }
  if (!missing.empty()) fail("{}: weights are missing: {}", origin, list_some(missing));
  for (const NamedTensor& target : targets) given[target.name] = at::Tensor();
  std::vector<std::string> left_over;
  for (const auto& [name, tensor] : given) {
    if (tensor.defined()) left_over.push_back(name);
  }
  if (!left_over.empty()) {
    fail("{}: weights that the network does not have: {}", origin, list_some(left_over));
  }
  const torch::NoGradGuard no_grad;
  for (const NamedTensor& target : targets) {
    at::Tensor destination = target.tensor.detach();
    destination.copy_(file.find(target.name));
  }
}

}  // namespace

std::vector<NamedTensor> named_weights(const torch::nn::Module& network) {
  std::vector<NamedTensor> weights;
  for (const auto& parameter : network.named_parameters()) {
    weights.push_back({parameter.key(), parameter.value()});
  }
  for (const auto& buffer : network.named_buffers()) {
    if (!is_counter(buffer.key())) weights.push_back({buffer.key(), buffer.value()});
  }
  return weights;
}

void load_weights(torch::nn::Module& network, const TensorFile& file, const std::string& origin,
                  const std::vector<std::string>& ignore) {
  copy_weights(named_weights(network), file, origin, ignore);
}

void initialize_from(RegressorImpl& network, const std::filesystem::path& path,
                     const std::vector<std::string>& parts) {
  TensorFile file = read_safetensors(path);
  std::vector<NamedTensor> targets = named_weights(network);
  if (!parts.empty()) {
    check_parts(parts, network);
    keep_parts(parts, targets);
    keep_parts(parts, file.tensors);
  } else if (std::none_of(file.tensors.begin(), file.tensors.end(), [](const NamedTensor& named) {
               return starts_with(named.name, "heads.");
             })) {
    keep_parts({"backbone"}, targets);
  }
  copy_weights(targets, file, path.string(), kNotWeights);
}

void save_weights(const RegressorImpl& network, const std::filesystem::path& path) {
  write_safetensors(path, {{{"config", to_json(network.config())}}, named_weights(network)});
}

}  // namespace mobireg
