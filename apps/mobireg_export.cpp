#include <cstdio>
#include <map>

#include "app.h"
#include "mobireg/deploy/export.h"
#include "mobireg/evaluation/evaluate_file.h"
#include "mobireg/evaluation/int8_rows.h"

using namespace mobireg;

namespace {

void print(const ExportResult& result) {
  std::string names;
  for (const auto& file : result.files) names += (names.empty() ? "" : ", ") + file.string();
  const char* reference = result.int8 ? "int8 network" : "checkpoint";
  std::printf(
      "wrote %s, %.2f MB; compared with the %s on %lld images: outputs differ by at most %.2e, "
      "%.2e in the mean (angles in degrees)\n",
      names.c_str(), static_cast<double>(result.size) * 1e-6, reference,
      static_cast<long long>(result.images), result.max_difference, result.mean_difference);
  if (!result.int8) return;
  std::printf("%sin 32-bit floats it would be %.2f MB\n",
              result.int8->to_string(result.card.model).c_str(),
              static_cast<double>(result.int8->float_size) * 1e-6);
}

struct Int8Arguments {
  bool int8 = false;
  Int8Rows rows;
  double max_loss = 3;
  bool force = false;
  std::vector<std::string> float_layers;
};

void add_int8_options(CLI::App& app, Int8Arguments& arguments) {
  CLI::Option* int8 =
      app.add_flag("--int8", arguments.int8, "ONNX, ncnn: layers in whole numbers (docs/int8.md)");
  app.add_option("--calibrate", arguments.rows.calibrate,
                 "CSV of images that the ranges are fitted to; without it the run's training rows")
      ->needs(int8);
  app.add_option("--calibrate-count", arguments.rows.calibrate_count, "How many of them")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str()
      ->needs(int8);
  app.add_option("--held-out", arguments.rows.held_out,
                 "CSV that the int8 network is judged on; without it the run's test or validation "
                 "rows")
      ->needs(int8);
  app.add_option("--max-loss", arguments.max_loss, "Percent by which the mean error may grow")
      ->capture_default_str()
      ->needs(int8);
  app.add_option("--float-layer", arguments.float_layers, "Layers to keep in float, by name")
      ->needs(int8);
  app.add_flag("--force", arguments.force, "Write the file though the error grows by more")
      ->needs(int8);
}

Int8Export read_rows(const std::string& checkpoint, Int8Arguments arguments) {
  arguments.rows.warn = [](const std::string& line) {
    std::fprintf(stderr, "mobireg-export: warning: %s\n", line.c_str());
  };
  Int8Export int8 = int8_export(checkpoint, arguments.rows);
  int8.max_loss = arguments.max_loss;
  int8.force = arguments.force;
  int8.float_layers = std::move(arguments.float_layers);
  return int8;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("", "mobireg-export");
  describe(
      app,
      "Writes a checkpoint's network as TorchScript, ONNX or ncnn. The file is read back and\n"
      "compared with the network on real images before it gets its name. Pixels of 0 to 255 go\n"
      "in; it carries a model card (--describe prints it). docs/deployment.md has a section for\n"
      "each runtime.",
      "  mobireg-export runs/headpose/checkpoints/best.safetensors --output headpose.onnx\n"
      "  mobireg-export best.safetensors --output headpose.param --fp16\n"
      "  mobireg-export best.safetensors --output headpose.pt --images faces/\n"
      "  mobireg-export best.safetensors --output int8.onnx --int8 --calibrate faces.csv\n"
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
  app.add_flag("--angles", options.angles,
               "ONNX, TorchScript: pitch, yaw and roll in the place of a rotation's six numbers");
  app.add_flag("!--no-uncertainty", options.uncertainty,
               "Without the logarithms of the outputs' variances");
  Int8Arguments int8;
  add_int8_options(app, int8);
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
    if (checkpoint.empty()) throw CLI::RequiredError("CHECKPOINT");
    if (options.output.empty()) throw CLI::RequiredError("--output");
    options.normalization_inside = normalization == "inside";
    if (!format.empty()) options.format = formats.at(format);
    export_format(options);  // before the images are read
    const at::Tensor images =
        images_folder.empty()
            ? images_of_run(checkpoint, limit)
            : images_of_folder(images_folder, read_model_card(checkpoint).model.input, limit);
    if (int8.int8) options.int8 = read_rows(checkpoint, int8);
    print(export_network(checkpoint, images, options));
    return 0;
  });
}
