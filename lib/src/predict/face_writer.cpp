#include "predict/face_writer.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/fail.h"
#include "mobireg/config/units.h"

namespace mobireg {
namespace {

constexpr double kDegreesPerRadian = 57.29577951308232;

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

/// Rounded; no -0.0.
std::string fixed(double value, int digits) {
  const double unit = std::pow(10.0, digits);
  return fmt::format("{:.{}f}", std::round(value * unit) / unit + 0.0, digits);
}

std::string number(const OutputConfig& output, const FaceBox& seen, double value) {
  const OutputKind kind = output.kind.value_or(OutputKind::kPlain);
  if (kind == OutputKind::kX) return fixed(seen.x0 + value * (seen.x1 - seen.x0), 2);
  if (kind == OutputKind::kY) return fixed(seen.y0 + value * (seen.y1 - seen.y0), 2);
  if (is_angle(output.unit)) return fixed(report_factor(output.unit) * value, 3);
  return fmt::format("{:.6g}", value);
}

/// JSON has no NaN.
std::string json_number(const std::string& text) {
  return text.find_first_of("ni") == std::string::npos ? text : "null";
}

std::string joined(const std::vector<std::string>& texts, const char* separator) {
  return fmt::format("{}", fmt::join(texts, separator));
}

std::vector<std::string> box_numbers(const FaceBox& box) {
  return {fixed(box.x0, 1), fixed(box.y0, 1), fixed(box.x1, 1), fixed(box.y1, 1)};
}

std::string json_text(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

FaceWriter::FaceWriter(PredictFormat format, std::vector<OutputConfig> outputs,
                       std::function<void(std::string_view)> write,
                       std::vector<std::size_t> uncertain)
    : format_(format),
      outputs_(std::move(outputs)),
      uncertain_(std::move(uncertain)),
      landmark_pose_(gives_landmark_pose(outputs_)),
      write_(std::move(write)) {
  for (const OutputConfig& output : outputs_) names_.push_back(output.name);
  if (landmark_pose_) names_.insert(names_.end(), {"pitch", "yaw", "roll"});
  for (const std::size_t i : uncertain_) names_.push_back(outputs_[i].name + "_sigma");
}

std::vector<std::string> FaceWriter::values_of(const PredictedFace& face) const {
  std::vector<std::string> values;
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    values.push_back(
        number(outputs_[i], face.prediction.seen, static_cast<double>(face.prediction.values[i])));
  }
  if (landmark_pose_) {
    const Pose pose = face.landmark_pose.value_or(Pose{NAN, NAN, NAN});
    for (const double angle : {pose.pitch, pose.yaw, pose.roll}) {
      values.push_back(fixed(angle * kDegreesPerRadian, 3));
    }
  }
  // A deviation has a point's size and not its place.
  const FaceBox& seen = face.prediction.seen;
  const FaceBox size{0, 0, seen.x1 - seen.x0, seen.y1 - seen.y0};
  for (const std::size_t i : uncertain_) {
    values.push_back(number(outputs_[i], size, static_cast<double>(face.prediction.sigmas[i])));
  }
  return values;
}

std::string FaceWriter::csv_row(const std::string& name, const Picture& picture,
                                const PredictedFace& face) const {
  return fmt::format("{},{},{},{},{}\n", csv_cell(name), picture.frame, fixed(picture.seconds, 3),
                     joined(box_numbers(face.box), ","), joined(values_of(face), ","));
}

std::string FaceWriter::json_face(const PredictedFace& face) const {
  const std::vector<std::string> values = values_of(face);
  std::vector<std::string> members;
  for (std::size_t i = 0; i < values.size(); ++i) {
    members.push_back(fmt::format("\"{}\": {}", names_[i], json_number(values[i])));
  }
  return fmt::format("{{\"box\": [{}], \"outputs\": {{{}}}}}", joined(box_numbers(face.box), ", "),
                     joined(members, ", "));
}

std::string FaceWriter::json_picture(const std::string& name, const Picture& picture,
                                     const std::vector<PredictedFace>& faces) const {
  std::vector<std::string> texts;
  for (const PredictedFace& face : faces) texts.push_back(json_face(face));
  return fmt::format(
      "{{\"filename\": {}, \"frame\": {}, \"seconds\": {}, \"width\": {}, \"height\": {}, "
      "\"faces\": [{}]}}",
      json_text(name), picture.frame, fixed(picture.seconds, 3), picture.image.cols,
      picture.image.rows, joined(texts, ", "));
}

void FaceWriter::begin() {
  if (format_ == PredictFormat::kJson) return write_("[");
  write_(fmt::format("filename,frame,seconds,left,top,right,bottom,{}\n", joined(names_, ",")));
}

void FaceWriter::add(const std::string& name, const Picture& picture,
                     const std::vector<PredictedFace>& faces) {
  if (format_ == PredictFormat::kJson) {
    write_((first_ ? "\n" : ",\n") + json_picture(name, picture, faces));
    first_ = false;
    return;
  }
  for (const PredictedFace& face : faces) write_(csv_row(name, picture, face));
}

void FaceWriter::end() {
  if (format_ == PredictFormat::kJson) write_("\n]\n");
}

}  // namespace mobireg
