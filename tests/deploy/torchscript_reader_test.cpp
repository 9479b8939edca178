#include "deploy/torchscript_reader.h"

#include <torch/csrc/jit/passes/freeze_module.h>

#include "deploy/fold.h"
#include "deploy/torchscript_writer.h"
#include "inference/engine.h"
#include "lively_network.h"

using namespace mobireg;

namespace {

std::vector<float> run(const Network& network, const std::vector<float>& pixels, int outputs) {
  std::vector<float> values(static_cast<std::size_t>(outputs));
  InferenceEngine(network).run(pixels.data(), 1, values.data());
  return values;
}

}  // namespace

TEST_CASE("a TorchScript file is read back as the network it was written of") {
  for (const ModelConfig& config : kinds_of_models()) {
    for (const bool inside : {true, false}) {
      const Regressor trained = lively_network(config);
      const Network written = fold(trained, inside);
      const InputConfig& input = trained->config().input;
      const auto read = from_torchscript(to_torchscript(written), input);
      REQUIRE(read.has_value());
      const torch::Tensor image =
          torch::rand({input.channels(), input.size, input.size}) * (inside ? 255 : 2);
      const std::vector<float> pixels(image.data_ptr<float>(),
                                      image.data_ptr<float>() + image.numel());
      CHECK(run(*read, pixels, read->outputs()) == run(written, pixels, written.outputs()));
    }
  }
}

TEST_CASE("a module that computes anything else is not taken for a network") {
  ModelConfig config;
  config.alpha = 0.25;
  const InputConfig input = config.input;
  for (const char* source :
       {"return self.inner.forward(x) * 2.", "return self.inner.forward(torch.relu(x))", "return x",
        "return torch.flatten(x, 1)"}) {
    torch::jit::Module changed("Other");
    changed.register_module("inner", to_torchscript(fold(lively_network(config), true)));
    changed.define(std::string("def forward(self, x):\n  ") + source + "\n");
    changed.eval();
    CAPTURE(source);
    CHECK_FALSE(from_torchscript(torch::jit::freeze_module(changed), input).has_value());
  }
}
