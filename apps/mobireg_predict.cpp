#include <cstdio>
#include <cstdlib>

#include "app.h"
#include "mobireg/core/file.h"
#include "mobireg/predict/predict_inputs.h"

using namespace mobireg;

namespace {

struct Output {
  std::filesystem::path file;  // empty: stdout
  bool overwrite = false;
};

PredictSummary predict_to_stdout(const PredictOptions& options) {
  const PredictSummary summary = predict_inputs(options, [](std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
    if (std::ferror(stdout) != 0) throw std::runtime_error("stdout cannot be written");
  });
  return summary;
}

PredictSummary predict_to_file(const PredictOptions& options, const Output& output) {
  if (!output.overwrite && std::filesystem::exists(output.file)) {
    throw std::runtime_error(output.file.string() + ": the file exists; --overwrite replaces it");
  }
  PredictSummary summary;
  write_file_atomically(output.file, [&](const WriteBytes& write) {
    summary =
        predict_inputs(options, [&](std::string_view text) { write(text.data(), text.size()); });
  });
  return summary;
}

}  // namespace

int main(int argc, char** argv) {
  setenv("OPENCV_FFMPEG_LOGLEVEL", "-8", /*overwrite=*/0);  // its errors are in our messages
  CLI::App app("", "mobireg-predict");
  describe(
      app,
      "Runs a checkpoint or an exported file on the faces of images, folders, videos or a\n"
      "camera, and writes what it says, angles in degrees, as CSV or JSON, and as drawn\n"
      "pictures. docs/predict.md describes the columns.",
      "  mobireg-predict best.safetensors photo.jpg holiday/ --draw drawn\n"
      "  mobireg-predict headpose.onnx drive.mp4 --smooth --draw drive_drawn.mp4 -o drive.csv\n"
      "  mobireg-predict headpose.pt --boxes faces.csv --format json\n"
      "  mobireg-predict best.safetensors crops/ --whole-image");
  PredictOptions options;
  OneEuroOptions smoothing{1.0, 0.05, 1.0};
  Output output;
  std::string format = "csv";
  bool whole_image = false;
  bool smooth = false;
  app.add_option("FILE", options.file, "Checkpoint, TorchScript or ONNX file")->required();
  app.add_option("INPUT", options.inputs, "Images, folders of them, videos, camera:0");
  auto* detector = app.add_option(
      "--detector", options.detector,
      "OpenCV cascade (.xml) or YuNet (.onnx, of March 2022); without it a frontal-face cascade");
  auto* boxes = app.add_option("--boxes", options.boxes,
                               "CSV of face boxes: filename, left, top, right, bottom; without "
                               "INPUT, its images");
  auto* whole = app.add_flag("--whole-image", whole_image, "The whole image is the face");
  whole->excludes(boxes)->excludes(detector);
  boxes->excludes(detector);
  app.add_option("--margin", options.margin,
                 "Added to a box, each way, as a share of its longer side; without it as in "
                 "training")
      ->excludes(whole);
  app.add_flag("--recursive", options.recursive, "Folders with their sub-folders");
  app.add_option("-o,--output", output.file, "File to write; stdout without it");
  app.add_flag("--overwrite", output.overwrite, "Replace an existing file");
  app.add_option("--format", format, "csv or json")
      ->check(CLI::IsMember({"csv", "json"}))
      ->capture_default_str();
  app.add_option("--draw", options.draw,
                 "Folder for drawn pictures and videos, or a video file for all");
  auto* filter =
      app.add_flag("--smooth", smooth, "Smooth videos: One-Euro filter, a face at a time");
  app.add_option("--min-cutoff", smoothing.min_cutoff, "Of --smooth: Hz at rest; lower is smoother")
      ->needs(filter)
      ->capture_default_str();
  app.add_option("--beta", smoothing.beta,
                 "Of --smooth: Hz more for each degree a second; higher lags less")
      ->needs(filter)
      ->capture_default_str();
  app.add_option("--max-frames", options.max_frames, "Of each video and camera; 0: all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  return run_app(app, argc, argv, [&] {
    options.format = format == "json" ? PredictFormat::kJson : PredictFormat::kCsv;
    if (whole_image) options.faces = FaceSource::kWholeImage;
    if (!options.boxes.empty()) options.faces = FaceSource::kBoxes;
    if (smooth) options.smooth = smoothing;
    const std::atomic<bool>& stop = stop_on_signals();
    options.stop = [&stop] { return stop.load(); };
    options.warn = [](const std::string& warning) {
      std::fprintf(stderr, "mobireg-predict: %s\n", warning.c_str());
    };
    const PredictSummary done =
        output.file.empty() ? predict_to_stdout(options) : predict_to_file(options, output);
    std::fprintf(stderr, "%lld pictures, %lld faces; %lld without a face, %lld not read\n",
                 static_cast<long long>(done.pictures), static_cast<long long>(done.faces),
                 static_cast<long long>(done.without_face), static_cast<long long>(done.failed));
    return done.failed > 0 ? 1 : 0;
  });
}
