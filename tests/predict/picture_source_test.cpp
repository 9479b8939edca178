#include "predict/picture_source.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/videoio.hpp>

#include "mobireg/core/error.h"
#include "mobireg/core/file.h"
#include "temporary_folder.h"

namespace mobireg {
namespace {

void write_image(const std::filesystem::path& path) {
  std::filesystem::create_directories(path.parent_path());
  cv::imwrite(path.string(), cv::Mat(4, 6, CV_8UC3, cv::Scalar(10, 20, 30)));
}

/// `frames` grey frames, each brighter than the last, at 20 a second.
void write_video(const std::filesystem::path& path, int frames) {
  cv::VideoWriter video(path.string(), cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), 20, {64, 48});
  REQUIRE(video.isOpened());
  for (int i = 0; i < frames; ++i)
    video.write(cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(20 + 10 * i)));
}

TEST_CASE("folders give their images in order, with sub-folders where asked for") {
  const TemporaryFolder folder;
  for (const char* name : {"b.PNG", "a.jpg", "sub/c.bmp"}) write_image(folder.path() / name);
  write_file_atomically(folder.path() / "notes.txt", "x");
  const auto names = [&](bool recursive) {
    std::string text;
    for (const PredictInput& input : find_inputs({folder.path().string()}, recursive)) {
      CHECK(input.kind == InputKind::kImage);
      text += input.path.filename().string() + " ";
    }
    return text;
  };
  CHECK(names(false) == "a.jpg b.PNG ");
  CHECK(names(true) == "a.jpg b.PNG c.bmp ");
}

TEST_CASE("inputs keep their order; videos are told by their extension, cameras by their name") {
  const auto inputs = find_inputs({"z.jpg", "camera:12", "a.MP4", "no_such_thing"}, false);
  REQUIRE(inputs.size() == 4);
  CHECK(inputs[0].kind == InputKind::kImage);
  CHECK(inputs[1].kind == InputKind::kCamera);
  CHECK(inputs[1].camera == 12);
  CHECK(inputs[2].kind == InputKind::kVideo);
  CHECK(inputs[3].kind == InputKind::kImage);
  CHECK(inputs[3].name == "no_such_thing");
}

TEST_CASE("a folder without images and a camera without a number are refused") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH(find_inputs({folder.path().string()}, false),
                    folder.path().string() + ": there is no JPEG, PNG, BMP or PNM image in it");
  for (const char* name : {"camera:", "camera:x", "camera:-1", "camera:12345"}) {
    CHECK_THROWS_WITH(find_inputs({name}, false),
                      std::string(name) + ": a camera has a number, such as camera:0");
  }
}

TEST_CASE("a picture is BGR, and keeps its file for the network") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.png";
  write_image(path);
  const Picture picture = read_picture({InputKind::kImage, "a.png", path}, true);
  CHECK(picture.image.size() == cv::Size(6, 4));
  CHECK(picture.image.at<cv::Vec3b>(0, 0) == cv::Vec3b(10, 20, 30));
  CHECK(picture.file_bytes == read_file(path));
}

TEST_CASE("a file that cannot be decoded is named") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.png";
  write_image(path);
  write_file_atomically(path, read_file(path).substr(0, 40));
  CHECK_THROWS_WITH(read_picture({InputKind::kImage, "a.png", path}, true),
                    Catch::StartsWith("a.png: "));
  CHECK_THROWS_WITH(read_picture({InputKind::kImage, "b", folder.path() / "b"}, true),
                    Catch::Contains("No such file"));
}

TEST_CASE("a video gives its frames with their times") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "v.avi";
  write_video(path, 5);
  FrameReader reader({InputKind::kVideo, "v.avi", path});
  CHECK(reader.frames_per_second() == 20);
  Picture picture;
  for (int i = 0; i < 5; ++i) {
    REQUIRE(reader.next(picture));
    CHECK(picture.frame == i);
    CHECK(picture.seconds == Approx(i / 20.0));
    CHECK(picture.file_bytes.empty());
    CHECK(std::abs(picture.image.at<cv::Vec3b>(20, 20)[0] - (20 + 10 * i)) < 4);
  }
  CHECK_FALSE(reader.next(picture));
}

TEST_CASE("what is no video or no camera is refused in one line") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "v.avi";
  write_file_atomically(path, "not a video");
  CHECK_THROWS_WITH(FrameReader({InputKind::kVideo, "v.avi", path}),
                    "v.avi: not a video that OpenCV can read, or one without a frame");
  const auto missing = folder.path() / "w.avi";
  CHECK_THROWS_WITH(FrameReader({InputKind::kVideo, "w.avi", missing}),
                    missing.string() + ": there is no such file");
  CHECK_THROWS_WITH(FrameReader({InputKind::kVideo, "f.avi", folder.path()}),
                    folder.path().string() + ": not a regular file");
  CHECK_THROWS_WITH(FrameReader({InputKind::kCamera, "camera:987", {}, 987}),
                    "camera:987: there is no such camera, or it gives no picture");
}

}  // namespace
}  // namespace mobireg
