#include <cstdio>
#include <map>

#include "app.h"
#include "mobireg/deploy/export.h"
#include "mobireg/evaluation/evaluate_file.h"

using namespace mobireg;

namespace {

void print(const ExportResult& result) {
  std::string names;
  for (const auto& file : result.files) names += (names.empty() ? "" : ", ") + file.string();
  std::printf(
      "wrote %s, %.2f MB; compared with the checkpoint on %lld images: outputs differ by at most "
      "%.2e, %.2e in the mean (angles in degrees)\n",
      names.c_str(), static_cast<double>(result.size) * 1e-6, static_cast<long long>(result.images),
      result.max_difference, result.mean_difference);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("", "mobireg-export");
  describe(
      app,
      "Writes a checkpoint's network as TorchScript, ONNX or ncnn, reads it back and compares it\n"
      "with the network on real images before it says success. Pixels of 0 to 255 go in; the file\n"
      "carries a model card (--describe prints it). docs/deployment.md has a section for each "
      "runtime.",
      "  mobireg-export runs/headpose/checkpoints/best.safetensors --output headpose.onnx\n"
      "  mobireg-export best.safetensors --output headpose.param --fp16\n"
      "  mobireg-export best.safetensors --output headpose.pt --images faces/\n"
      "  mobireg-export --describe headpose.onnx");
  const std::map<std::string, ExportFormat> formats{{"torchscript", ExportFormat::kTorchScript},
                                                    {"onnx", ExportFormat::kOnnx},
                                                    {"ncnn", ExportFormat::kNcnn}};
  std::string checkpoint;
  std::string images_folder;
  std::string describe_file;
  std::string format;
  std::string normalization = "inside";
  std::int64_t limit = 256;
  ExportOptions options;
  app.add_option("CHECKPOINT", checkpoint, "Checkpoint of a run");
  app.add_option("-o,--output", options.output,
                 "File to write: .pt, .onnx or .param (ncnn; .bin and .json come beside it)");
  app.add_option("--format", format, "torchscript, onnx or ncnn; without it the suffix decides")
      ->check(CLI::IsMember({"torchscript", "onnx", "ncnn"}));
  app.add_option("--normalization", normalization,
                 "inside: pixels go in; outside: the caller feeds (pixel - mean) / scale")
      ->check(CLI::IsMember({"inside", "outside"}))
      ->capture_default_str();
  app.add_flag("--dynamic-batch", options.dynamic_batch,
               "ONNX: any number of images at once, not one");
  app.add_flag("--dense-as-convolution", options.dense_as_convolution,
               "ONNX: Dense layers as 1x1 convolutions");
  app.add_flag("--fp16", options.fp16, "ncnn: weights in half precision");
  app.add_option("--images", images_folder,
                 "Folder of images to compare on; without it the run's own are used");
  app.add_option("--count", limit, "Images to compare on")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  app.add_flag("--overwrite", options.overwrite, "Replace existing files");
  app.add_option("--describe", describe_file, "Print the model card of a file and exit");
  return run_app(app, argc, argv, [&] {
    if (!describe_file.empty()) {
      std::fputs(read_model_card(describe_file).to_json().c_str(), stdout);
      return 0;
    }
    if (checkpoint.empty()) throw std::invalid_argument("CHECKPOINT is missing; see --help");
    if (options.output.empty()) throw std::invalid_argument("--output is missing; see --help");
    options.normalization_inside = normalization == "inside";
    if (!format.empty()) options.format = formats.at(format);
    export_format(options);  // before the images are read
    const at::Tensor images =
        images_folder.empty()
            ? images_of_run(checkpoint, limit)
            : images_of_folder(images_folder, read_model_card(checkpoint).model.input, limit);
    print(export_network(checkpoint, images, options));
    return 0;
  });
}
