#include "mobireg/predict/predict_inputs.h"

#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/videoio.hpp>

#include "data/labelled_folder.h"
#include "mobireg/core/error.h"
#include "mobireg/data/data_frame.h"
#include "mobireg/deploy/predictor.h"
#include "mobireg/predict/pose_from_landmarks.h"
#include "network_file.h"

namespace mobireg {
namespace {

/// A pose network, three images and a video of random pixels.
struct PredictFolder {
  TemporaryFolder folder;
  PredictOptions options;
  std::vector<std::string> warnings;
  std::string text;
  PredictSummary summary;

  PredictFolder() {
    write_pose_file(path("net.onnx"));
    for (const int i : {0, 1, 2}) {
      write_random_image(path("images/" + std::to_string(i) + ".png"), 50, 40,
                         static_cast<std::uint64_t>(i));
    }
    options.file = path("net.onnx");
    options.inputs = {path("images")};
    options.faces = FaceSource::kWholeImage;
    options.warn = [this](const std::string& warning) { warnings.push_back(warning); };
  }

  std::string path(const std::string& name) const { return (folder.path() / name).string(); }

  std::string write_video(const std::string& name, int frames) const {
    cv::VideoWriter video(path(name), cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), 10, {64, 48});
    for (int i = 0; i < frames; ++i) {
      video.write(cv::Mat(48, 64, CV_8UC3, cv::Scalar(20 + 20 * i, 90, 200 - 10 * i)));
    }
    return path(name);
  }

  DataFrame run() {
    text.clear();
    summary = predict_inputs(options, [this](std::string_view piece) { text += piece; });
    return DataFrame::from_string(text);
  }
};

TEST_CASE("images come in the order of the inputs, with the predictor's numbers") {
  PredictFolder files;
  files.options.inputs = {files.path("images/2.png"), files.path("images")};
  const DataFrame rows = files.run();
  REQUIRE(rows.rows() == 4);
  CHECK(rows.strings("filename")[0] == files.path("images/2.png"));
  CHECK(rows.strings("filename")[1] == files.path("images/0.png"));
  CHECK(rows.strings("filename")[3] == files.path("images/2.png"));
  const Predictor predictor = Predictor::load(files.options.file);
  const cv::Mat image = cv::imread(files.path("images/0.png"));
  const Prediction prediction = predictor.predict(image);
  for (const char* angle : {"pitch", "yaw", "roll"}) {
    CHECK(rows.numbers(angle)[1] == Approx(prediction.degrees(angle)).margin(6e-4));
    CHECK(rows.numbers(angle)[0] == rows.numbers(angle)[3]);
  }
  CHECK(rows.numbers("yaw")[0] != rows.numbers("yaw")[1]);
  CHECK(rows.numbers("right")[1] == 50);
  CHECK(rows.numbers("bottom")[1] == 40);
  CHECK(files.summary.pictures == 4);
  CHECK(files.summary.faces == 4);
  CHECK(files.summary.failed == 0);
}

TEST_CASE("boxes are cropped with training's margin, or the one that is asked for") {
  PredictFolder files;
  write_text(files.path("boxes.csv"),
             "filename,x0,y0,x1,y1\nimages/1.png,5,6,25,30\nimages/0.png,0,0,9,9\n"
             "images/1.png,20,5,60,30\n");
  files.options.faces = FaceSource::kBoxes;
  files.options.boxes = files.path("boxes.csv");
  files.options.inputs = {};
  const DataFrame rows = files.run();
  REQUIRE(rows.rows() == 3);
  CHECK(std::filesystem::path(rows.strings("filename")[0]).filename() == "1.png");
  CHECK(std::filesystem::path(rows.strings("filename")[2]).filename() == "0.png");
  CHECK(rows.numbers("right")[1] == 60);
  const Predictor predictor = Predictor::load(files.options.file);
  const cv::Mat image = cv::imread(files.path("images/1.png"));
  const double expected = predictor.predict(image, FaceBox{5, 6, 25, 30}).degrees("yaw");
  CHECK(rows.numbers("yaw")[0] == Approx(expected).margin(6e-4));
  files.options.margin = 0.0;
  CHECK(std::abs(files.run().numbers("yaw")[0] - expected) > 1e-3);
  files.options.margin = 0.25;
  CHECK(files.run().numbers("yaw")[0] == Approx(expected).margin(6e-4));
}

TEST_CASE("an input that cannot be read is warned of in one line, and the others go on") {
  PredictFolder files;
  write_text(files.path("images/1.png"), "not an image");
  write_text(files.path("bad.mp4"), "not a video");
  files.options.inputs = {files.path("no.jpg"), files.path("bad.mp4"), files.path("images")};
  CHECK(files.run().rows() == 2);
  CHECK(files.summary.failed == 3);
  REQUIRE(files.warnings.size() == 3);
  CHECK_THAT(files.warnings[0], Catch::Contains("no.jpg"));
  CHECK(files.warnings[1] ==
        files.path("bad.mp4") + ": not a video that OpenCV can read, or one without a frame");
  CHECK_THAT(files.warnings[2], Catch::StartsWith(files.path("images/1.png") + ": "));
  for (const std::string& warning : files.warnings) {
    CHECK(warning.find('\n') == std::string::npos);
  }
}

TEST_CASE("an image without a box is warned of") {
  PredictFolder files;
  write_text(files.path("boxes.csv"), "filename,x0,y0,x1,y1\nimages/1.png,5,6,25,30\n");
  files.options.faces = FaceSource::kBoxes;
  files.options.boxes = files.path("boxes.csv");
  CHECK(files.run().rows() == 1);
  CHECK(files.summary.failed == 2);
  CHECK(files.warnings[0] ==
        files.path("images/0.png") + ": " + files.path("boxes.csv") + " has no box for it");
}

TEST_CASE("a picture without a face has no row, and an object without faces") {
  PredictFolder files;
  files.options.faces = FaceSource::kDetector;
  CHECK(files.run().rows() == 0);
  CHECK(files.summary.without_face == 3);
  files.options.format = PredictFormat::kJson;
  predict_inputs(files.options, [&](std::string_view piece) { files.text += piece; });
  const auto json = nlohmann::json::parse(files.text.substr(files.text.find('[')));
  REQUIRE(json.size() == 3);
  CHECK(json[0]["faces"].empty());
  CHECK(json[0]["width"] == 50);
}

TEST_CASE("a video gives a row a frame, up to as many as asked for") {
  PredictFolder files;
  files.options.inputs = {files.write_video("v.avi", 6)};
  DataFrame rows = files.run();
  REQUIRE(rows.rows() == 6);
  CHECK(rows.numbers("frame")[5] == 5);
  CHECK(rows.numbers("seconds")[5] == Approx(0.5));
  files.options.max_frames = 4;
  CHECK(files.run().rows() == 4);
  CHECK_FALSE(files.summary.stopped);
}

TEST_CASE("what is stopped is whole up to there") {
  PredictFolder files;
  files.options.inputs = {files.write_video("v.avi", 6), files.path("images")};
  files.options.draw = files.path("drawn.avi");
  int asked = 0;
  files.options.stop = [&] { return ++asked > 3; };
  CHECK(files.run().rows() == 2);  // asked before the video, and before each frame
  CHECK(files.summary.stopped);
  CHECK(files.summary.failed == 0);
  CHECK(cv::VideoCapture(files.path("drawn.avi")).get(cv::CAP_PROP_FRAME_COUNT) == 2);
  files.options.format = PredictFormat::kJson;
  files.options.draw.clear();
  asked = 0;
  std::string text;
  predict_inputs(files.options, [&](std::string_view piece) { text += piece; });
  CHECK(nlohmann::json::parse(text).size() == 2);
}

TEST_CASE("smoothing makes a video's numbers those of the filter") {
  PredictFolder files;
  files.options.inputs = {files.write_video("v.avi", 6)};
  const std::vector<double> raw = files.run().numbers("yaw");
  files.options.smooth = OneEuroOptions{0.5, 0.1, 1};
  const std::vector<double> smooth = files.run().numbers("yaw");
  OneEuroFilter filter(*files.options.smooth);
  for (std::size_t i = 0; i < raw.size(); ++i) {
    CHECK(smooth[i] == Approx(filter.filter(raw[i], static_cast<double>(i) / 10)).margin(2e-3));
  }
  CHECK(std::abs(smooth[5] - raw[5]) > 1e-3);
}

TEST_CASE("pictures and videos are drawn into a folder, each under a name of its own") {
  PredictFolder files;
  write_random_image(files.path("other/0.jpg"), 500, 400, 9);
  files.options.inputs = {files.path("images/0.png"), files.path("other/0.jpg"),
                          files.write_video("v.avi", 3)};
  files.options.draw = files.path("drawn/here");
  files.run();
  CHECK(cv::imread(files.path("drawn/here/0.png")).size() == cv::Size(400, 320));  // 8 times
  CHECK(cv::imread(files.path("drawn/here/0_2.png")).size() == cv::Size(500, 400));
  cv::VideoCapture video(files.path("drawn/here/v.mp4"));
  CHECK(video.get(cv::CAP_PROP_FRAME_COUNT) == 3);
  CHECK(video.get(cv::CAP_PROP_FPS) == Approx(10));
  CHECK(video.get(cv::CAP_PROP_FRAME_WIDTH) == 64);
}

TEST_CASE("everything may be drawn into one video of one size") {
  PredictFolder files;
  files.options.inputs = {files.write_video("v.avi", 3), files.write_video("w.avi", 2)};
  files.options.draw = files.path("all.avi");
  files.run();
  CHECK(cv::VideoCapture(files.path("all.avi")).get(cv::CAP_PROP_FRAME_COUNT) == 5);
  files.options.inputs.push_back(files.path("images/0.png"));
  files.options.draw = files.path("three.avi");
  CHECK_THROWS_WITH(files.run(), files.path("three.avi") +
                                     ": a video of 64 x 48 pixels, and a picture of 400 x 320; "
                                     "draw into a folder instead");
  for (const auto& entry : std::filesystem::directory_iterator(files.folder.path())) {
    CHECK(entry.path().string().find("three") == std::string::npos);
  }
  files.options.draw = files.path("no/folder.mp4");
  CHECK_THROWS_WITH(files.run(), Catch::StartsWith(files.options.draw.string() +
                                                   ": the video cannot be written"));
  files.options.draw = files.path("net.onnx") + "/x";
  CHECK_THROWS_WITH(files.run(), Catch::Contains("the folder cannot be made"));
}

TEST_CASE("files that are there are drawn over only when asked, and inputs never") {
  PredictFolder files;
  files.options.inputs = {files.path("images/0.png"), files.write_video("v.mp4", 3)};
  files.options.draw = files.path("drawn");
  for (const char* name : {"drawn/0.png", "drawn/v.mp4"}) {
    std::filesystem::create_directory(files.path("drawn"));
    write_text(files.path(name), "mine");
    files.options.overwrite = false;
    CHECK_THROWS_WITH(files.run(), files.path(name) + ": the file exists; --overwrite replaces it");
    CHECK(files.text.empty());
    CHECK(read_file(files.path(name)) == "mine");
    files.options.overwrite = true;
    files.run();
    CHECK(read_file(files.path(name)) != "mine");
    std::filesystem::remove_all(files.path("drawn"));
  }
  const std::string kept = ": it is an input, and is not drawn over; draw somewhere else";
  const std::string picture = read_file(files.path("images/0.png"));
  files.options.draw = files.path("drawn/../images");
  CHECK_THROWS_WITH(files.run(), Catch::EndsWith("images/0.png" + kept));
  files.options.draw = files.path("v.mp4");
  CHECK_THROWS_WITH(files.run(), files.path("v.mp4") + kept);
  CHECK((read_file(files.path("images/0.png")) == picture));  // in brackets: not to print it
}

TEST_CASE("a landmark network's points come in pixels, and with a pose") {
  PredictFolder files;
  write_landmark_file(files.path("marks.onnx"));
  files.options.file = files.path("marks.onnx");
  files.options.inputs = {files.path("images/0.png")};
  const DataFrame rows = files.run();
  const Prediction prediction =
      Predictor::load(files.options.file).predict(cv::imread(files.path("images/0.png")));
  CHECK(rows.numbers("x5")[0] == Approx(50 * prediction.value("x5")).margin(0.01));
  CHECK(rows.numbers("y5")[0] == Approx(40 * prediction.value("y5")).margin(0.01));
  std::vector<ImagePoint> points;
  for (int i = 0; i < 68; ++i) {
    points.push_back({50.0 * prediction.value("x" + std::to_string(i)),
                      40.0 * prediction.value("y" + std::to_string(i))});
  }
  const Pose pose = pose_from_landmarks(points).pose;
  CHECK(rows.numbers("roll")[0] == Approx(pose.roll * 57.29577951).margin(2e-3));
}

TEST_CASE("options that make no run are refused") {
  PredictFolder files;
  files.options.inputs = {};
  CHECK_THROWS_WITH(files.run(), "there is no input: no image, folder, video or camera");
  files.options.faces = FaceSource::kBoxes;
  CHECK_THROWS_WITH(files.run(), "the faces are to be given by boxes, but there is no CSV of them");
  write_text(files.path("boxes.csv"), "filename,x0,y0,x1,y1\nimages/1.png,5,6,25,30\n");
  files.options.boxes = files.path("boxes.csv");
  files.options.inputs = {"v.mp4"};
  CHECK_THROWS_WITH(files.run(),
                    "v.mp4: boxes are given for image files; a video needs the detector");
  files.options.margin = -0.1;
  CHECK_THROWS_WITH(files.run(), "a crop margin of -0.1; it must be 0 or more");
  files.options.margin.reset();
  files.options.faces = FaceSource::kWholeImage;
  files.options.inputs = {files.path("images")};
  files.options.smooth = OneEuroOptions{-1, 0, 1};
  CHECK_THROWS_WITH(files.run(), Catch::StartsWith("One-Euro filter: a cutoff of -1 Hz"));
}

}  // namespace
}  // namespace mobireg
