#include <cstdio>

#include "app.h"
#include "mobireg/deploy/export.h"
#include "mobireg/deploy/predictor.h"
#include "mobireg/evaluation/evaluate_file.h"

using namespace mobireg;

int main(int argc, char** argv) {
  CLI::App app("", "mobireg-export");
  describe(
      app,
      "Writes a checkpoint's network as TorchScript, reloads it and compares it with the network\n"
      "on real images before it says success. Pixels of 0 to 255 go in; the file carries a model\n"
      "card (--describe prints it).",
      "  mobireg-export runs/headpose/checkpoints/best.safetensors --output headpose.pt\n"
      "  mobireg-export best.safetensors --output headpose.pt --images faces/\n"
      "  mobireg-export --describe headpose.pt");
  std::string checkpoint;
  std::string images_folder;
  std::string describe_file;
  std::string normalization = "inside";
  std::int64_t limit = 256;
  ExportOptions options;
  app.add_option("CHECKPOINT", checkpoint, "Checkpoint of a run");
  app.add_option("-o,--output", options.output, "File to write, usually .pt");
  app.add_option("--normalization", normalization,
                 "inside: pixels go in; outside: the caller feeds (pixel - mean) / scale")
      ->check(CLI::IsMember({"inside", "outside"}))
      ->capture_default_str();
  app.add_option("--images", images_folder,
                 "Folder of images to compare on; without it the run's own are used");
  app.add_option("--count", limit, "Images to compare on")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  app.add_flag("--overwrite", options.overwrite, "Replace an existing file");
  app.add_option("--describe", describe_file, "Print the model card of a file and exit");
  return run_app(app, argc, argv, [&] {
    if (!describe_file.empty()) {
      std::fputs(Predictor::load(describe_file).card().to_json().c_str(), stdout);
      return 0;
    }
    if (checkpoint.empty()) throw std::invalid_argument("CHECKPOINT is missing; see --help");
    if (options.output.empty()) throw std::invalid_argument("--output is missing; see --help");
    options.normalization_inside = normalization == "inside";
    const at::Tensor images =
        images_folder.empty()
            ? images_of_run(checkpoint, limit)
            : images_of_folder(images_folder, Predictor::load(checkpoint).card().model.input,
                               limit);
    const ExportResult result = export_torchscript(checkpoint, images, options);
    std::printf(
        "wrote %s, %.2f MB; compared with the checkpoint on %lld images: outputs differ by at "
        "most %.2e, %.2e in the mean (angles in degrees)\n",
        options.output.c_str(), static_cast<double>(result.file_size) * 1e-6,
        static_cast<long long>(result.images), result.max_difference, result.mean_difference);
    return 0;
  });
}
