#include "predict/drawn_output.h"

#include <opencv2/imgcodecs.hpp>
#include <optional>
#include <set>

#include "core/fail.h"
#include "mobireg/core/file.h"
#include "predict/video_file.h"

namespace mobireg {
namespace {

constexpr double kStillsRate = 2;  // images a second in a video of them

void make_folder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) fail("{}: the folder cannot be made: {}", path.string(), error.message());
}

std::string stem_of(const PredictInput& input) {
  if (input.kind == InputKind::kCamera) return "camera" + std::to_string(input.camera);
  return input.path.stem().string();
}

/// In `folder`, each under a name of its own.
std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder,
                                            const std::vector<PredictInput>& inputs) {
  std::set<std::string> taken;
  std::vector<std::filesystem::path> files;
  for (const PredictInput& input : inputs) {
    const std::string stem = stem_of(input);
    const char* extension = input.kind == InputKind::kImage ? ".png" : ".mp4";
    std::string name = stem + extension;
    for (int i = 2; !taken.insert(name).second; ++i) {
      name = fmt::format("{}_{}{}", stem, i, extension);
    }
    files.push_back(folder / name);
  }
  return files;
}

/// The only name of a file that exists, else none. The path may lead through folders that are still
/// to be made.
std::optional<std::filesystem::path> existing(const std::filesystem::path& path) {
  std::error_code missing;
  const std::filesystem::path found =
      std::filesystem::canonical(std::filesystem::weakly_canonical(path, missing), missing);
  if (missing) return std::nullopt;
  return found;
}

void check_free(const std::vector<std::filesystem::path>& files,
                const std::vector<PredictInput>& inputs, bool overwrite) {
  std::set<std::filesystem::path> taken;
  for (const PredictInput& input : inputs) {
    if (const auto path = existing(input.path)) taken.insert(*path);
  }
  for (const auto& file : files) {
    const auto path = existing(file);
    if (!path) continue;
    if (taken.count(*path) > 0) {
      fail("{}: it is an input, and is not drawn over; draw somewhere else", file.string());
    }
    if (!overwrite) fail("{}: the file exists; --overwrite replaces it", file.string());
  }
}

}  // namespace

DrawnOutput::DrawnOutput(const std::filesystem::path& path, const std::vector<PredictInput>& inputs,
                         bool overwrite)
    : one_video_(is_video_file(path)) {
  files_ = one_video_ ? std::vector<std::filesystem::path>{path} : files_in(path, inputs);
  check_free(files_, inputs, overwrite);
  if (!one_video_) make_folder(path);
}

DrawnOutput::~DrawnOutput() = default;

void DrawnOutput::write_frame(const std::filesystem::path& file, const cv::Mat& picture,
                              double rate) {
  if (!video_) video_ = std::make_unique<VideoFile>(file, rate, picture.size());
  video_->add(picture);
}

void DrawnOutput::add_image(std::size_t input, const cv::Mat& picture) {
  if (one_video_) return write_frame(files_.front(), picture, kStillsRate);
  std::vector<std::uint8_t> bytes;
  cv::imencode(".png", picture, bytes);
  write_file_atomically(files_.at(input),
                        {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

void DrawnOutput::add_frame(std::size_t input, const cv::Mat& picture, double frames_per_second) {
  write_frame(one_video_ ? files_.front() : files_.at(input), picture, frames_per_second);
}

void DrawnOutput::end_input() {
  if (!one_video_) close();
}

void DrawnOutput::close() {
  if (video_) video_->finish();
  video_.reset();
}

}  // namespace mobireg
