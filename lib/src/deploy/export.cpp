#include "mobireg/deploy/export.h"

#include <torch/script.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "core/fail.h"
#include "deploy/export_int8.h"
#include "deploy/fold.h"
#include "deploy/loaded_network.h"
#include "deploy/ncnn.h"
#include "deploy/network_executor.h"
#include "deploy/onnx_reader.h"
#include "deploy/onnx_writer.h"
#include "deploy/torchscript_writer.h"
#include "deploy/trained_network.h"
#include "deploy/unverified_files.h"
#include "deploy/verify.h"
#include "deploy/written_heads.h"
#include "mobireg/core/file.h"
#include "mobireg/model/head_outputs.h"

namespace mobireg {
namespace {

using Paths = std::vector<std::filesystem::path>;

std::filesystem::path with_suffix(std::filesystem::path path, const char* suffix) {
  return path.replace_extension(suffix);
}

Paths files_of(const ExportOptions& options, ExportFormat format) {
  const auto& output = options.output;
  if (format != ExportFormat::kNcnn) return {output};
  return {output, with_suffix(output, ".bin"), with_suffix(output, ".json")};
}

void check_options(const ExportOptions& options, ExportFormat format) {
  if (options.dynamic_batch && format != ExportFormat::kOnnx) {
    fail("a dynamic batch is an option of ONNX; TorchScript takes any batch, ncnn one image");
  }
  if (options.dense_as_convolution && format != ExportFormat::kOnnx) {
    fail("Dense layers as convolutions are an option of ONNX alone");
  }
  if (options.fp16 && format != ExportFormat::kNcnn) {
    fail("half-precision weights are an option of ncnn alone");
  }
  if (options.int8 && format == ExportFormat::kTorchScript) {
    fail("int8 is an option of ONNX and ncnn");
  }
  if (options.int8 && options.fp16) fail("int8 and half precision exclude each other");
  if (options.angles && (options.int8 || format == ExportFormat::kNcnn)) {
    fail("rotations as angles are an option of ONNX and TorchScript in 32-bit floats");
  }
}

void check_free(const Paths& files, bool overwrite) {
  for (const auto& file : files) {
    if (std::filesystem::is_directory(file)) fail("{}: it is a folder", file.string());
    if (!overwrite && std::filesystem::exists(file)) {
      fail("{}: the file exists; --overwrite replaces it", file.string());
    }
  }
}

/// A graph holds a mean and a scale; the caller of a graph has no whitening matrix.
void check_standardization(const TrainedNetwork& trained, bool inside) {
  if (trained.card.model.input.zca_whitening) {
    fail(
        "the network's input is ZCA-whitened (model.input.zca_whitening); that cannot be exported");
  }
  if (inside && !trained.standardizer->is_affine()) {
    fail(
        "the network's input is standardised by each image's own statistics "
        "(model.input.samplewise_"
        "...), which cannot be put into the graph; --normalization outside leaves it to the "
        "caller");
  }
}

template <class Layer>
void check_finite(const Layer& layer) {
  const auto finite = [](float value) { return std::isfinite(value); };
  if (std::all_of(layer.weight.begin(), layer.weight.end(), finite) &&
      std::all_of(layer.bias.begin(), layer.bias.end(), finite)) {
    return;
  }
  fail("layer {} has weights that are not finite; no file was written", layer.name);
}

void check_finite(const Network& network) {
  for (const ConvolutionLayer& layer : network.convolutions) check_finite(layer);
  for (const NetworkHead& head : network.heads) {
    for (const DenseLayer& layer : head.layers) check_finite(layer);
  }
}

std::string torchscript_bytes(const Network& network, const ModelCard& card,
                              const HeadAngles& angles) {
  const torch::jit::Module module = to_torchscript(network, angles);
  std::ostringstream archive;
  module.save(archive, {{kModelCardFile, card.to_json()}});
  return archive.str();
}

/// How the files are written.
struct Writing {
  ExportFormat format;
  const ExportOptions& options;
  HeadAngles angles;
};

/// In the order of `files_of`.
std::vector<std::string> contents_of(const Network& network, const ModelCard& card,
                                     const Writing& writing) {
  const ExportOptions& options = writing.options;
  switch (writing.format) {
    case ExportFormat::kTorchScript:
      return {torchscript_bytes(network, card, writing.angles)};
    case ExportFormat::kOnnx:
      return {to_onnx(network, card,
                      {options.dynamic_batch, options.dense_as_convolution, writing.angles})};
    case ExportFormat::kNcnn:
      break;
  }
  const NcnnFiles ncnn = to_ncnn(network, options.fp16);
  return {ncnn.param, ncnn.bin, card.to_json()};
}

/// Where the files lie for now, in the order of `files_of`.
Paths write_files(const std::vector<std::string>& contents, const Paths& paths,
                  UnverifiedFiles& files) {
  Paths written;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    written.push_back(files.add(paths[i], contents[i]));
  }
  return written;
}

TensorFunction on_tensors(const LoadedNetwork& network) {
  return [network](const at::Tensor& pixels) {
    const at::Tensor in = pixels.contiguous();
    at::Tensor out = torch::empty({in.size(0), raw_column_count(network.card.model)});
    network.run(in.data_ptr<float>(), in.size(0), out.data_ptr<float>());
    return out;
  };
}

/// The written files as they are read and run again.
TensorFunction read_back(const Paths& written, const Writing& writing,
                         const TrainedNetwork& trained) {
  switch (writing.format) {
    case ExportFormat::kTorchScript:
      return on_tensors(load_torchscript(written[0], RunBy::kItsRuntime));
    case ExportFormat::kOnnx:
      if (writing.angles.empty()) from_onnx(read_file(written[0]), written[0].string());
      return on_tensors(load_onnx(written[0], RunBy::kItsRuntime));
    case ExportFormat::kNcnn:
      break;
  }
  const Network network =
      from_ncnn(read_file(written[0]), read_file(written[1]), written[0].string());
  const bool inside = trained.card.normalization_inside;
  if (trained.card.precision == Precision::kInt8) {
    return engine_on_tensors(network, inside ? nullptr : trained.standardizer);
  }
  return [network, inside, &trained](const at::Tensor& pixels) {
    return execute(network, inside ? pixels : trained.standardizer->apply(pixels));
  };
}

/// From raw columns to outputs.
PixelsToOutputs decoded(const PixelsToOutputs& columns, const ModelConfig& model) {
  return [=](const at::Tensor& pixels) { return decode_outputs(columns(pixels), model); };
}

/// Puts the int8 network in the place of the float one, and of the function that the file has to
/// give.
Int8Report make_int8(Network& network, TensorFunction& reference, TrainedNetwork& trained,
                     const Writing& writing) {
  const ExportOptions& options = writing.options;
  QuantizedNetwork quantized = quantize_for(writing.format, network, trained, *options.int8);
  const PixelsToOutputs int8 = engine_on_tensors(
      quantized.network, options.normalization_inside ? nullptr : trained.standardizer);
  const ModelConfig& model = trained.card.model;
  Int8Report report =
      judge_int8(quantized, *options.int8, decoded(reference, model), decoded(int8, model));
  for (const std::string& file : contents_of(network, trained.card, writing)) {
    report.float_size += file.size();
  }
  report.float_seconds = image_seconds(network);
  report.int8_seconds = image_seconds(quantized.network);
  trained.card.precision = Precision::kInt8;
  trained.card.held_out = report.int8_errors;
  network = std::move(quantized.network);
  reference = int8;
  return report;
}

}  // namespace

ExportFormat export_format(const ExportOptions& options) {
  const std::string suffix = options.output.extension().string();
  std::optional<ExportFormat> by_suffix;
  if (suffix == ".pt") by_suffix = ExportFormat::kTorchScript;
  if (suffix == ".onnx") by_suffix = ExportFormat::kOnnx;
  if (suffix == ".param") by_suffix = ExportFormat::kNcnn;
  if (!options.format && !by_suffix) {
    fail("{}: the suffix '{}' tells no format; .pt is TorchScript, .onnx ONNX, .param ncnn",
         options.output.string(), suffix);
  }
  const ExportFormat format = options.format.value_or(by_suffix.value_or(ExportFormat::kOnnx));
  if (by_suffix && *by_suffix != format) {
    fail("{}: the suffix is not the format's; .pt is TorchScript, .onnx ONNX, .param ncnn",
         options.output.string());
  }
  if (format == ExportFormat::kNcnn && !by_suffix) {
    fail("{}: ncnn's file must end in .param; .bin and .json are written beside it",
         options.output.string());
  }
  return format;
}

ExportResult export_network(const std::filesystem::path& checkpoint, const at::Tensor& images,
                            const ExportOptions& options) {
  const ExportFormat format = export_format(options);
  const Paths paths = files_of(options, format);
  check_options(options, format);
  check_free(paths, options.overwrite);
  TrainedNetwork trained = load_trained_network(checkpoint);
  check_standardization(trained, options.normalization_inside);
  trained.card.normalization_inside = options.normalization_inside;
  trained.card.precision = options.fp16 ? Precision::kFloat16 : Precision::kFloat32;
  const ModelConfig& model = trained.network->config();
  trained.card.model = written_model(model, options);
  const Writing writing{format, options, options.angles ? head_angles(model) : HeadAngles()};
  Network network = fold(trained.network, options.normalization_inside);
  if (!options.uncertainty) drop_log_variances(network, model);
  check_finite(network);
  TensorFunction reference = [&](const at::Tensor& pixels) {
    const at::Tensor raw = trained.network(trained.standardizer->apply(pixels));
    return written_columns(raw, model, trained.card.model);
  };
  std::optional<Int8Report> int8;
  if (options.int8) int8 = make_int8(network, reference, trained, writing);

  UnverifiedFiles files;
  const Paths written = write_files(contents_of(network, trained.card, writing), paths, files);
  const OutputDifference difference = verify_outputs(
      {trained.card, writing.angles}, images, reference, read_back(written, writing, trained));
  files.publish();
  ExportResult result{trained.card,    paths,          0, difference.images, difference.max,
                      difference.mean, std::move(int8)};
  for (const auto& path : paths) result.size += std::filesystem::file_size(path);
  return result;
}

ModelCard read_model_card(const std::filesystem::path& path) {
  const auto card_file = with_suffix(path, ".json");
  const bool is_ncnn = read_file(path).compare(0, kNcnnMagic.size(), kNcnnMagic) == 0;
  if (is_ncnn || path == card_file) {
    return ModelCard::from_json(read_file(card_file), card_file.string());
  }
  return load_network(path).card;
}

}  // namespace mobireg
