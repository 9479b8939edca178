#include "predict/video_file.h"

#include <catch2/catch.hpp>

#include "file_size_limit.h"
#include "mobireg/core/error.h"
#include "mobireg/core/file.h"
#include "temporary_folder.h"

namespace mobireg {
namespace {

const cv::Size kSize(320, 240);

/// Noise, which no codec makes small.
cv::Mat noise() {
  cv::Mat picture(kSize, CV_8UC3);
  cv::randu(picture, 0, 256);
  return picture;
}

std::size_t files_in(const std::filesystem::path& folder) {
  const std::filesystem::directory_iterator files(folder);
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

TEST_CASE("a video has its name once it is whole, and all its frames") {
  for (const char* name : {"v.mp4", "v.avi", "v.mkv", "v.mov"}) {
    CAPTURE(name);
    const TemporaryFolder folder;
    const std::filesystem::path path = folder.path() / name;
    write_file_atomically(path, "old");
    VideoFile video(path, 25, kSize);
    for (int i = 0; i < 9; ++i) video.add(noise());
    CHECK(read_file(path) == "old");
    video.finish();
    CHECK(files_in(folder.path()) == 1);
    cv::VideoCapture written(path.string());
    CHECK(written.get(cv::CAP_PROP_FPS) == Approx(25));
    int frames = 0;
    for (cv::Mat frame; written.read(frame); ++frames) CHECK(frame.size() == kSize);
    CHECK(frames == 9);
  }
}

TEST_CASE("a video that is not finished leaves nothing") {
  const TemporaryFolder folder;
  {
    VideoFile video(folder.path() / "v.mp4", 25, kSize);
    video.add(noise());
    CHECK(files_in(folder.path()) == 1);
    CHECK_THROWS_WITH(video.add(cv::Mat(4, 4, CV_8UC3)),
                      Catch::Contains("a video of 320 x 240 pixels, and a picture of 4 x 4"));
  }
  CHECK(files_in(folder.path()) == 0);
  CHECK_THROWS_WITH(VideoFile(folder.path() / "no/v.mp4", 25, kSize),
                    (folder.path() / "no/v.mp4").string() +
                        ": the video cannot be written; is there such a folder, and a codec for "
                        "it?");
}

TEST_CASE("a video on a full disk is an error, and leaves nothing") {
  for (const char* name : {"v.mp4", "v.avi"}) {
    const TemporaryFolder folder;
    const std::filesystem::path path = folder.path() / name;
    {
      VideoFile video(path, 25, kSize);
      const FileSizeLimit limit(50000);
      for (int i = 0; i < 20; ++i) video.add(noise());
      CHECK_THROWS_WITH(video.finish(), path.string() +
                                            ": the video could not be written to its end; is the "
                                            "disk full?");
    }
    CHECK(files_in(folder.path()) == 0);
  }
}

}  // namespace
}  // namespace mobireg
