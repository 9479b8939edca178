#include <fmt/format.h>

#include <string>
#include <system_error>
#include <vector>

#include "core/fail.h"
#include "core/parallel_for.h"
#include "mobireg/core/file.h"
#include "mobireg/core/threads.h"
#include "mobireg/synth/synth.h"
#include "synth/head_renderer.h"
#include "synth/png_file.h"
#include "synth/synth_options.h"

namespace mobireg {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCsvName = "headpose.csv";

void require_valid(const SynthOptions& options) {
  if (options.directory.empty()) fail("synth: no directory to write to was given");
  require_in_range("count", static_cast<double>(options.count), 1, 1'000'000);
  require_in_range("threads", options.threads, 0, 1024);
  require_valid_heads(options);
}

/// Makes the folders, and refuses one that holds a data set.
void prepare(const fs::path& directory) {
  std::error_code error;
  if (fs::exists(directory / kCsvName, error)) {
    fail("synth: '{}' already exists; choose another directory, or delete that data set",
         (directory / kCsvName).string());
  }
  fs::create_directories(directory / "images", error);
  if (error) {
    fail("synth: cannot make the folder '{}': {}", (directory / "images").string(),
         error.message());
  }
}

std::string picture_name(std::int64_t index) { return fmt::format("images/{:06}.png", index); }

std::string csv_text(const std::vector<Pose>& poses) {
  std::string text = "filename,pitch,yaw,roll\n";
  for (std::size_t i = 0; i < poses.size(); ++i) {
    const Pose& pose = poses[i];
    text += fmt::format("{},{:.9f},{:.9f},{:.9f}\n", picture_name(static_cast<std::int64_t>(i)),
                        pose.pitch, pose.yaw, pose.roll);
  }
  return text;
}

}  // namespace

void write_synth_dataset(
    const SynthOptions& options,
    const std::function<void(std::int64_t done, std::int64_t total)>& progress) {
  require_valid(options);
  prepare(options.directory);
  const PoseLimits limits = pose_limits(options);
  std::vector<Pose> poses(static_cast<std::size_t>(options.count));
  const auto write_picture = [&](std::int64_t i) {
    const HeadScene scene = random_head_scene(limits, options.seed, i);
    poses[static_cast<std::size_t>(i)] = scene.pose;
    write_png(options.directory / picture_name(i), render_head(scene, options.size));
  };
  std::int64_t reported = -1;
  const auto report = [&](std::int64_t done) {
    if (!progress || done * 100 / options.count == reported) return;
    reported = done * 100 / options.count;
    progress(done, options.count);
  };
  const int threads = options.threads > 0 ? options.threads : available_cores();
  parallel_for(options.count, threads, write_picture, report);
  // At once and last: a directory with a CSV is complete.
  write_file_atomically(options.directory / kCsvName, csv_text(poses));
}

}  // namespace mobireg
