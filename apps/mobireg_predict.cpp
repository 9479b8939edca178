#include <cstdio>
#include <cstdlib>

#include "app.h"
#include "mobireg/core/file.h"
#include "mobireg/predict/pose_from_landmarks.h"
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

void check_free(const Output& output) {
  if (!output.overwrite && std::filesystem::exists(output.file)) {
    throw std::runtime_error(output.file.string() + ": the file exists; --overwrite replaces it");
  }
}

PredictSummary predict_to_file(const PredictOptions& options, const Output& output) {
  check_free(output);
  PredictSummary summary;
  write_file_atomically(output.file, [&](const WriteBytes& write) {
    summary =
        predict_inputs(options, [&](std::string_view text) { write(text.data(), text.size()); });
  });
  return summary;
}

int predict(PredictOptions& options, const Output& output) {
  const std::atomic<bool>& stop = stop_on_signals();
  options.stop = [&stop] { return stop.load(); };
  options.overwrite = output.overwrite;
  options.warn = [](const std::string& warning) {
    std::fprintf(stderr, "mobireg-predict: %s\n", warning.c_str());
  };
  const PredictSummary done =
      output.file.empty() ? predict_to_stdout(options) : predict_to_file(options, output);
  std::fprintf(stderr, "%lld pictures, %lld faces; %lld without a face, %lld not read\n",
               static_cast<long long>(done.pictures), static_cast<long long>(done.faces),
               static_cast<long long>(done.without_face), static_cast<long long>(done.failed));
  if (done.stopped) return 130;
  return done.failed > 0 ? 1 : 0;
}

int write_poses(const std::filesystem::path& landmarks, const Output& output) {
  check_free(output);
  const DataFrame poses = poses_from_landmarks(DataFrame::read_csv(landmarks));
  if (output.file.empty()) {
    std::fputs(poses.to_csv().c_str(), stdout);
  } else {
    poses.write_csv(output.file);
  }
  std::fprintf(stderr, "%lld faces\n", static_cast<long long>(poses.rows()));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  setenv("OPENCV_FFMPEG_LOGLEVEL", "-8", /*overwrite=*/0);  // its errors are in our messages
  CLI::App app("", "mobireg-predict");
  describe(
      app,
      "Runs a checkpoint or an exported file on faces. They are found in images, folders, videos\n"
      "or a camera; what is said of them, angles in degrees, is written as CSV or JSON, and as\n"
      "drawn pictures. docs/predict.md describes the columns.",
      "  mobireg-predict best.safetensors photo.jpg holiday/ --draw drawn\n"
      "  mobireg-predict headpose.onnx drive.mp4 --smooth --draw drive_drawn.mp4 -o drive.csv\n"
      "  mobireg-predict headpose.pt --boxes faces.csv --format json\n"
      "  mobireg-predict best.safetensors crops/ --whole-image\n"
      "  mobireg-predict --pose-from-landmarks landmarks68.csv -o headpose.csv");
  PredictOptions options;
  OneEuroOptions smoothing{1.0, 0.05, 1.0};
  Output output;
  std::string format = "csv";
  bool whole_image = false;
  bool smooth = false;
  std::filesystem::path landmarks;
  app.add_option("FILE", options.file, "Checkpoint, TorchScript or ONNX file");
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
  app.add_flag("--overwrite", output.overwrite, "Replace existing files, drawn ones too");
  app.add_option("--format", format, "csv or json")
      ->check(CLI::IsMember({"csv", "json"}))
      ->capture_default_str();
  auto* draw = app.add_option("--draw", options.draw,
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
  app.add_option("--pose-from-landmarks", landmarks,
                 "No network: write filename, pitch, yaw and roll (radians) of the faces whose 68 "
                 "points are in this CSV's columns filename, x0, y0, ... x67, y67")
      ->excludes(boxes)
      ->excludes(draw)
      ->excludes(filter);
  return run_app(app, argc, argv, [&] {
    if (options.file.empty() == landmarks.empty()) {
      throw CLI::RequiredError("either FILE or --pose-from-landmarks");
    }
    if (!landmarks.empty()) return write_poses(landmarks, output);
    options.format = format == "json" ? PredictFormat::kJson : PredictFormat::kCsv;
    if (whole_image) options.faces = FaceSource::kWholeImage;
    if (!options.boxes.empty()) options.faces = FaceSource::kBoxes;
    if (smooth) options.smooth = smoothing;
    return predict(options, output);
  });
}
