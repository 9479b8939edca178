#include "mobireg/model/weights.h"

#include <catch2/catch.hpp>

#include "mobireg/core/error.h"
#include "temporary_folder.h"

namespace mobireg {
namespace {

ModelConfig small_model() {
  ModelConfig config;
  config.alpha = 0.25;
  return config;
}

bool same_weights(const RegressorImpl& a, const RegressorImpl& b) {
  const auto left = named_weights(a);
  const auto right = named_weights(b);
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left[i].name != right[i].name || !torch::equal(left[i].tensor, right[i].tensor))
      return false;
  }
  return left.size() == right.size();
}

TEST_CASE("saved weights start another network, running statistics and all") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "w.safetensors";
  Regressor source(small_model(), 1);
  source->train();
  source(torch::randn({4, 3, 64, 64}));  // moves the running statistics
  save_weights(*source, path);
  Regressor target(small_model(), 2);
  CHECK(!same_weights(*source, *target));
  initialize_from(*target, path);
  CHECK(same_weights(*source, *target));
}

TEST_CASE("a published backbone without heads leaves the heads as they are") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "w.safetensors";
  Regressor source(small_model(), 1);
  TensorFile file;
  for (const NamedTensor& named : named_weights(*source)) {
    if (named.name.rfind("backbone.", 0) == 0) file.tensors.push_back(named);
  }
  write_safetensors(path, file);
  Regressor target(small_model(), 2);
  const torch::Tensor head = target->named_parameters()["heads.yaw.hidden.weight"].clone();
  initialize_from(*target, path);
  CHECK(torch::equal(target->named_parameters()["heads.yaw.hidden.weight"], head));
  CHECK(torch::equal(target->named_parameters()["backbone.conv1.weight"],
                     source->named_parameters()["backbone.conv1.weight"]));
}

TEST_CASE("named parts are taken, all of them, and nothing else is looked at") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "w.safetensors";
  ModelConfig other = small_model();
  other.outputs = {{"yaw", Unit::kRadians}, {"yaw2", Unit::kRadians}};
  Regressor source(other, 1);
  save_weights(*source, path);
  Regressor target(small_model(), 2);
  const Regressor before(small_model(), 2);
  initialize_from(*target, path, {"backbone", "heads.yaw.output"});
  const auto taken = [&](const char* name) {
    const auto now = target->named_parameters()[name];
    CHECK(torch::equal(now, before->named_parameters()[name]) !=
          torch::equal(now, source->named_parameters()[name]));
    return torch::equal(now, source->named_parameters()[name]);
  };
  CHECK(taken("backbone.conv1.weight"));
  CHECK(taken("heads.yaw.output.weight"));
  CHECK_FALSE(taken("heads.yaw.hidden.weight"));

  CHECK_THROWS_WITH(initialize_from(*target, path, {"heads.pitch"}),
                    path.string() +
                        ": weights are missing: heads.pitch.hidden.weight, "
                        "heads.pitch.hidden.bias, heads.pitch.output.weight and 1 more");
  // A part ends where a name's part does.
  CHECK_THROWS_WITH(initialize_from(*target, path, {"heads.ya"}),
                    "training.init_parts: 'heads.ya' is no part of the network; its parts are "
                    "backbone, heads.pitch, heads.yaw and 1 more");
}

TEST_CASE("weights of another network are refused by name, and nothing is copied") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "w.safetensors";
  Regressor target(small_model(), 2);
  const Regressor untouched(small_model(), 2);

  ModelConfig wider = small_model();
  wider.alpha = 0.5;
  save_weights(*Regressor(wider), path);
  CHECK_THROWS_WITH(initialize_from(*target, path),
                    path.string() +
                        ": backbone.conv1.weight has shape [16, 3, 3, 3], the network's "
                        "has [8, 3, 3, 3]");

  ModelConfig fewer = small_model();
  fewer.outputs = {{"pitch", Unit::kRadians}, {"yaw", Unit::kRadians}};
  save_weights(*Regressor(fewer), path);
  CHECK_THROWS_WITH(initialize_from(*target, path),
                    path.string() +
                        ": weights are missing: heads.roll.hidden.weight, "
                        "heads.roll.hidden.bias, heads.roll.output.weight and 1 more");

  ModelConfig more = small_model();
  more.outputs = {{"pitch"}, {"yaw"}, {"roll"}, {"jaw"}};
  save_weights(*Regressor(more), path);
  CHECK_THROWS_WITH(initialize_from(*target, path),
                    path.string() +
                        ": weights that the network does not have: heads.jaw.hidden.bias, "
                        "heads.jaw.hidden.weight, heads.jaw.output.bias and 1 more");
  CHECK(same_weights(*target, *untouched));
}

}  // namespace
}  // namespace mobireg
