#include "mobireg/predict/predict_inputs.h"

#include <opencv2/imgproc.hpp>

#include "core/fail.h"
#include "deploy/image_pixels.h"
#include "mobireg/model/head_outputs.h"
#include "mobireg/predict/face_detector.h"
#include "predict/box_table.h"
#include "predict/draw_face.h"
#include "predict/drawn_output.h"
#include "predict/face_tracks.h"
#include "predict/face_writer.h"
#include "predict/file_pixels.h"

namespace mobireg {
namespace {

void check_options(const PredictOptions& options) {
  if (options.faces == FaceSource::kBoxes && options.boxes.empty()) {
    fail("the faces are to be given by boxes, but there is no CSV of them");
  }
  if (options.inputs.empty() && options.faces != FaceSource::kBoxes) {
    fail("there is no input: no image, folder, video or camera");
  }
  if (options.margin && !(*options.margin >= 0)) {
    fail("a crop margin of {}; it must be 0 or more", *options.margin);
  }
}

std::vector<PredictInput> inputs_of(const PredictOptions& options, const BoxTable* boxes) {
  std::vector<PredictInput> inputs = find_inputs(options.inputs, options.recursive);
  if (boxes == nullptr) return inputs;
  if (options.inputs.empty()) {
    for (const auto& image : boxes->images()) {
      inputs.push_back({InputKind::kImage, image.string(), image});
    }
  }
  for (const PredictInput& input : inputs) {
    if (input.kind != InputKind::kImage) {
      fail("{}: boxes are given for image files; a video needs the detector", input.name);
    }
  }
  return inputs;
}

/// One run of `predict_inputs`.
class PredictRun {
 public:
  PredictRun(const PredictOptions& options, const std::function<void(std::string_view)>& write)
      : options_(options),
        predictor_(Predictor::load(options.file)),
        outputs_(
            std::make_shared<const std::vector<OutputConfig>>(predictor_.card().model.outputs)),
        landmark_pose_(gives_landmark_pose(*outputs_)),
        writer_(options.format, *outputs_, write, uncertain_outputs(predictor_.card().model)) {
    if (options.faces == FaceSource::kBoxes) boxes_ = std::make_unique<BoxTable>(options.boxes);
    inputs_ = inputs_of(options, boxes_.get());
    if (options.faces == FaceSource::kDetector) {
      detector_ = std::make_unique<FaceDetector>(options.detector);
    }
    if (options.smooth) OneEuroFilter check(*options.smooth);
    if (!options.draw.empty()) {
      drawn_ = std::make_unique<DrawnOutput>(options.draw, inputs_, options.overwrite);
    }
  }

  PredictSummary run() {
    writer_.begin();
    for (std::size_t i = 0; i < inputs_.size() && !stopped(); ++i) {
      if (inputs_[i].kind == InputKind::kImage) {
        predict_image(i);
      } else {
        predict_frames(i);
      }
    }
    writer_.end();
    if (drawn_) drawn_->close();
    return summary_;
  }

 private:
  bool stopped() {
    summary_.stopped = summary_.stopped || (options_.stop && options_.stop());
    return summary_.stopped;
  }

  void failed(const std::string& why) {
    ++summary_.failed;
    if (options_.warn) options_.warn(why);
  }

  const InputConfig& input_config() const { return predictor_.card().model.input; }

  double margin() const {
    return options_.margin.value_or(predictor_.card().crop_margin().value_or(0));
  }

  std::vector<FaceBox> find_faces(const PredictInput& input, const Picture& picture) {
    if (boxes_) return boxes_->boxes_of(input.path);
    if (detector_) return detector_->detect(picture.image);
    return {
        {0, 0, static_cast<double>(picture.image.cols), static_cast<double>(picture.image.rows)}};
  }

  /// Image files give the network the pixels that training would have; frames their own.
  void write_planes(const Picture& picture, const CropSquare* crop, float* planes) const {
    if (picture.file_bytes.empty()) {
      image_pixels(picture.image, crop, input_config(), planes);
    } else {
      to_planes(file_pixels(picture.file_bytes, crop, input_config()), planes);
    }
  }

  std::vector<PredictedFace> predict(const Picture& picture,
                                     const std::vector<FaceBox>& boxes) const {
    const std::size_t in = input_values(input_config());
    const std::size_t out = outputs_->size();
    std::vector<float> planes(boxes.size() * in);
    std::vector<float> values(boxes.size() * out);
    std::vector<float> sigmas(predictor_.gives_sigmas() ? values.size() : 0);
    std::vector<PredictedFace> faces;
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      FaceBox seen = boxes[i];
      if (options_.faces == FaceSource::kWholeImage) {
        write_planes(picture, nullptr, planes.data() + i * in);
      } else {
        const CropSquare crop = crop_of(boxes[i], margin());
        seen = {crop.left, crop.top, crop.left + crop.side, crop.top + crop.side};
        write_planes(picture, &crop, planes.data() + i * in);
      }
      faces.push_back({boxes[i], {{}, outputs_, seen}, {}});
    }
    predictor_.predict(planes.data(), static_cast<std::int64_t>(boxes.size()), values.data(),
                       sigmas.empty() ? nullptr : sigmas.data());
    for (std::size_t i = 0; i < faces.size(); ++i) {
      const float* row = values.data() + i * out;
      faces[i].prediction.values.assign(row, row + out);
      if (sigmas.empty()) continue;
      const float* deviations = sigmas.data() + i * out;
      faces[i].prediction.sigmas.assign(deviations, deviations + out);
    }
    return faces;
  }

  void add_landmark_poses(std::vector<PredictedFace>& faces) const {
    if (!landmark_pose_) return;
    for (PredictedFace& face : faces) {
      try {
        face.landmark_pose = pose_from_landmarks(points_of(face.prediction)).pose;
      } catch (const Error&) {  // an untrained network's points may lie on a line
      }
    }
  }

  void write(const PredictInput& input, const Picture& picture, std::vector<PredictedFace>& faces) {
    add_landmark_poses(faces);
    ++summary_.pictures;
    summary_.faces += static_cast<std::int64_t>(faces.size());
    if (faces.empty()) ++summary_.without_face;
    writer_.add(input.name, picture, faces);
  }

  cv::Mat drawn(const Picture& picture, const std::vector<PredictedFace>& faces,
                int enlarged) const {
    cv::Mat image;
    cv::resize(picture.image, image, {}, enlarged, enlarged, cv::INTER_CUBIC);
    for (const PredictedFace& face : faces) draw_face(image, face, enlarged);
    return image;
  }

  void predict_image(std::size_t i) {
    const PredictInput& input = inputs_[i];
    Picture picture;
    std::vector<PredictedFace> faces;
    try {
      if (boxes_ && boxes_->boxes_of(input.path).empty()) {
        fail("{}: {} has no box for it", input.name, options_.boxes.string());
      }
      picture = read_picture(input, input_config().exif_orientation);
      faces = predict(picture, find_faces(input, picture));
    } catch (const Error& error) {
      return failed(error.what());
    }
    write(input, picture, faces);
    if (drawn_) drawn_->add_image(i, drawn(picture, faces, enlargement(picture.image)));
  }

  std::unique_ptr<FrameReader> open(const PredictInput& input) {
    try {
      return std::make_unique<FrameReader>(input);
    } catch (const Error& error) {
      failed(error.what());
      return nullptr;
    }
  }

  void predict_frames(std::size_t i) {
    const PredictInput& input = inputs_[i];
    const std::unique_ptr<FrameReader> reader = open(input);
    if (!reader) return;
    std::optional<FaceTracks> tracks;
    if (options_.smooth) tracks.emplace(*options_.smooth);
    Picture picture;
    while (!stopped() && reader->next(picture)) {
      std::vector<PredictedFace> faces = predict(picture, find_faces(input, picture));
      if (tracks) tracks->smooth(picture.seconds, faces);
      write(input, picture, faces);
      if (drawn_) drawn_->add_frame(i, drawn(picture, faces, 1), reader->frames_per_second());
      if (options_.max_frames > 0 && picture.frame + 1 >= options_.max_frames) break;
    }
    if (drawn_) drawn_->end_input();
  }

  const PredictOptions& options_;
  Predictor predictor_;
  std::shared_ptr<const std::vector<OutputConfig>> outputs_;
  bool landmark_pose_;
  FaceWriter writer_;
  std::unique_ptr<BoxTable> boxes_;
  std::vector<PredictInput> inputs_;
  std::unique_ptr<FaceDetector> detector_;
  std::unique_ptr<DrawnOutput> drawn_;
  PredictSummary summary_;
};

}  // namespace

PredictSummary predict_inputs(const PredictOptions& options,
                              const std::function<void(std::string_view)>& write) {
  check_options(options);
  return PredictRun(options, write).run();
}

}  // namespace mobireg
