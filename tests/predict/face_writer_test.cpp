#include "predict/face_writer.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "mobireg/data/data_frame.h"
#include "predicted_faces.h"

namespace mobireg {
namespace {

Picture picture_of(std::int64_t frame, double seconds) {
  return {cv::Mat::zeros(48, 64, CV_8UC3), {}, frame, seconds};
}

struct Written {
  std::string text;
  FaceWriter writer;

  Written(PredictFormat format, const std::vector<OutputConfig>& outputs)
      : writer(format, outputs, [this](std::string_view piece) { text += piece; }) {
    writer.begin();
  }
};

TEST_CASE("CSV has a line a face: angles in degrees, points in pixels, the rest as it is") {
  const auto outputs = resolved_outputs(
      {{"yaw", Unit::kRadians}, {"x0", Unit::kImage}, {"y0", Unit::kImage}, {"age", Unit::kNone}});
  Written csv(PredictFormat::kCsv, *outputs);
  const FaceBox box{10, 20, 30, 60};
  csv.writer.add(
      "a, \"b\".jpg", picture_of(3, 0.1),
      {face_of(outputs, box, {-0.5F, 0.25F, 1.5F, 31.25F}), face_of(outputs, box, {0, 0, 0, 0})});
  csv.writer.add("none.jpg", picture_of(0, 0), {});
  csv.writer.end();
  CHECK(csv.text ==
        "filename,frame,seconds,left,top,right,bottom,yaw,x0,y0,age\n"
        "\"a, \"\"b\"\".jpg\",3,0.100,10.0,20.0,30.0,60.0,-28.648,15.00,80.00,31.25\n"
        "\"a, \"\"b\"\".jpg\",3,0.100,10.0,20.0,30.0,60.0,0.000,10.00,20.00,0\n");
  const DataFrame frame = DataFrame::from_string(csv.text);
  CHECK(frame.strings("filename")[0] == "a, \"b\".jpg");
}

TEST_CASE("standard deviations follow in the outputs' units, of points in pixels") {
  const auto outputs = resolved_outputs(
      {{"yaw", Unit::kRadians}, {"x0", Unit::kImage}, {"y0", Unit::kImage}, {"age", Unit::kNone}});
  PredictedFace face = face_of(outputs, {10, 20, 30, 60}, {0, 0.5F, 0.5F, 31});
  face.prediction.sigmas = {0.1F, 0.05F, 0.05F, NAN};
  std::string text;
  const auto write = [&](std::string_view piece) { text += piece; };
  FaceWriter csv(PredictFormat::kCsv, *outputs, write, {0, 1, 2});
  csv.begin();
  csv.add("a.jpg", picture_of(0, 0), {face});
  CHECK(text ==
        "filename,frame,seconds,left,top,right,bottom,yaw,x0,y0,age,yaw_sigma,x0_sigma,y0_sigma\n"
        "a.jpg,0,0.000,10.0,20.0,30.0,60.0,0.000,20.00,40.00,31,5.730,1.00,2.00\n");
  text.clear();
  FaceWriter json(PredictFormat::kJson, *outputs, write, {0});
  json.begin();
  json.add("a.jpg", picture_of(0, 0), {face});
  json.end();
  CHECK(nlohmann::json::parse(text)[0]["faces"][0]["outputs"]["yaw_sigma"] == 5.73);
}

TEST_CASE("JSON has an object a picture, also where there is no face") {
  const auto outputs = resolved_outputs({{"yaw", Unit::kDegrees}});
  Written written(PredictFormat::kJson, *outputs);
  written.writer.add("a\"\n\xFF.jpg", picture_of(0, 0), {});
  written.writer.add("v.mp4", picture_of(7, 0.25), {face_of(outputs, {1, 2, 3, 4}, {12.5F})});
  written.writer.end();
  const auto json = nlohmann::json::parse(written.text);
  REQUIRE(json.size() == 2);
  CHECK(json[0]["filename"] == "a\"\n\xEF\xBF\xBD.jpg");
  CHECK(json[0]["faces"].empty());
  CHECK(json[1]["frame"] == 7);
  CHECK(json[1]["seconds"] == 0.25);
  CHECK(json[1]["width"] == 64);
  CHECK(json[1]["height"] == 48);
  CHECK(json[1]["faces"][0]["box"] == nlohmann::json({1, 2, 3, 4}));
  CHECK(json[1]["faces"][0]["outputs"]["yaw"] == 12.5);
}

TEST_CASE("what is no number is nan in CSV and null in JSON") {
  const auto outputs = resolved_outputs({{"yaw", Unit::kDegrees}, {"age", Unit::kNone}});
  const PredictedFace face = face_of(outputs, {1, 2, 3, 4}, {NAN, INFINITY});
  Written csv(PredictFormat::kCsv, *outputs);
  csv.writer.add("a", picture_of(0, 0), {face});
  CHECK(csv.text.find("4.0,nan,inf\n") != std::string::npos);
  Written json(PredictFormat::kJson, *outputs);
  json.writer.add("a", picture_of(0, 0), {face});
  json.writer.end();
  CHECK(nlohmann::json::parse(json.text)[0]["faces"][0]["outputs"]["age"].is_null());
  CHECK(nlohmann::json::parse(json.text)[0]["faces"][0]["outputs"]["yaw"].is_null());
}

TEST_CASE("no pictures make an empty table and an empty array") {
  const auto outputs = resolved_outputs({{"yaw", Unit::kDegrees}});
  Written csv(PredictFormat::kCsv, *outputs);
  csv.writer.end();
  CHECK(csv.text == "filename,frame,seconds,left,top,right,bottom,yaw\n");
  Written json(PredictFormat::kJson, *outputs);
  json.writer.end();
  CHECK(nlohmann::json::parse(json.text).empty());
}

TEST_CASE("68 points come with the pose they give, unless the network predicts one") {
  const auto points = resolved_outputs({{"x{0..67}", Unit::kImage}, {"y{0..67}", Unit::kImage}});
  CHECK(gives_landmark_pose(*points));
  Written csv(PredictFormat::kCsv, *points);
  CHECK(csv.text.find(",y67,pitch,yaw,roll\n") != std::string::npos);
  PredictedFace face = face_of(points, {0, 0, 100, 100}, std::vector<float>(136, 0.5F));
  face.landmark_pose = Pose{0.1, -0.2, 0.3};
  csv.writer.add("a", picture_of(0, 0), {face});
  CHECK(csv.text.find(",50.00,5.730,-11.459,17.189\n") != std::string::npos);
  face.landmark_pose.reset();
  csv.writer.add("a", picture_of(0, 0), {face});
  CHECK(csv.text.find(",50.00,nan,nan,nan\n") != std::string::npos);

  CHECK_FALSE(gives_landmark_pose(
      *resolved_outputs({{"x{0..4}", Unit::kImage}, {"y{0..4}", Unit::kImage}})));
  CHECK_FALSE(gives_landmark_pose(*resolved_outputs(
      {{"x{0..67}", Unit::kImage}, {"y{0..67}", Unit::kImage}, {"yaw", Unit::kRadians}})));
}

}  // namespace
}  // namespace mobireg
