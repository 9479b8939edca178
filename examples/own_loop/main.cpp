// A training loop of one's own: mobireg's data, augmentation and network with LibTorch's optimiser.
//   own-loop-example LABELS.csv [STEPS]

#include <mobireg/data/image_data_generator.h>
#include <mobireg/model/regressor.h>
#include <mobireg/model/summary.h>
#include <torch/torch.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>

namespace {

/// Batches of 32 images, (N, 3, 64, 64) of about -1 to 1, and their pitch, yaw and roll.
mobireg::DataFrameIterator open_data(const char* csv) {
  mobireg::ImageDataGeneratorOptions options;
  options.rescale = 1 / 127.5;
  options.rotation_range = 10;
  options.brightness_range = {0.8, 1.2};
  options.data_format = mobireg::DataFormat::kChannelsFirst;
  mobireg::FlowOptions flow;
  flow.y_col = {"pitch", "yaw", "roll"};
  flow.target_size = 64;
  return mobireg::ImageDataGenerator(options).flow_from_dataframe(mobireg::DataFrame::read_csv(csv),
                                                                  flow);
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2 && argc != 3) throw std::runtime_error("LABELS.csv [STEPS]");
  const int steps = argc == 3 ? std::atoi(argv[2]) : 200;
  auto batches = open_data(argv[1]);
  mobireg::ModelConfig config;
  config.alpha = 0.25;
  mobireg::Regressor network(config);
  std::printf("%lld parameters\n", static_cast<long long>(mobireg::summarize(config).parameters));
  torch::optim::AdamW optimizer(network->parameters(), 1e-3);
  for (int step = 1; step <= steps; ++step) {
    const mobireg::Batch batch = batches.next();
    const torch::Tensor loss = torch::huber_loss(network->forward(batch.images - 1), batch.targets);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    std::printf("step %d: loss %.4f\n", step, loss.item<double>());
  }
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "own-loop-example: %s\n", error.what());
  return 1;
}
