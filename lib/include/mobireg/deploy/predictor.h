#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "mobireg/deploy/model_card.h"

namespace cv {
class Mat;
}

namespace mobireg {

/// A rectangle in pixels of an image, from edge to edge: the pixel at the left top is 0, 0, 1, 1.
struct FaceBox {
  double x0 = 0;  // left
  double y0 = 0;  // top
  double x1 = 0;  // right
  double y1 = 0;  // bottom
};

/// What a network says of one face. Outputs are asked for by name; a name that is none throws
/// Error.
struct Prediction {
  std::vector<float> values;  // one an output, in its unit, in the order of `outputs`
  std::shared_ptr<const std::vector<OutputConfig>> outputs;
  FaceBox seen;  // the part of the image that the network was shown; may leave the image
  std::vector<float> sigmas{};  // standard deviations, likewise, NaN where an output has none;
                                // empty where no output has one

  /// In the output's own unit.
  float value(std::string_view output) const;

  /// In degrees, whatever the output's unit. Throws Error when it is no angle.
  double degrees(std::string_view output) const;

  /// The standard deviation of the output's error that the network expects, in the output's own
  /// unit. Throws Error when it gives none.
  float sigma(std::string_view output) const;
};

/// A trained network ready to predict, from a checkpoint or an exported TorchScript, ONNX or ncnn
/// file (.param).
/// Copies share the network; all of it may be called by several threads at once.
///
/// Images are 8-bit BGR, BGRA or grey, of any size, and are brought to the network's input as the
/// training images were: its colour mode, filter, crop and size.
class Predictor {
 public:
  /// Throws Error when the file is damaged or of another kind.
  static Predictor load(const std::filesystem::path& path);

  /// The whole image (the aspect ratio is not kept, as in training).
  /// These functions throw Error when an image is empty or of another kind.
  Prediction predict(const cv::Mat& image) const;

  /// The square about the box, widened by the crop margin of training (the middle of its range);
  /// where it leaves the image, the border is repeated. Throws Error when the box is none.
  Prediction predict(const cv::Mat& image, const FaceBox& face) const;

  /// The same for several faces of an image, and for several images.
  std::vector<Prediction> predict_faces(const cv::Mat& image,
                                        const std::vector<FaceBox>& faces) const;
  std::vector<Prediction> predict_images(const std::vector<cv::Mat>& images) const;

  /// Without images. pixels: (count, channels, size, size), 0 to 255, RGB or grey; outputs: room
  /// for (count, outputs), in the outputs' units. Both row-major and without gaps.
  void predict(const float* pixels, std::int64_t count, float* outputs) const;

  /// Also each output's standard deviation, NaN where the network gives none. sigmas: room as for
  /// the outputs, or null.
  void predict(const float* pixels, std::int64_t count, float* outputs, float* sigmas) const;

  /// Whether any output has a standard deviation.
  bool gives_sigmas() const;

  const ModelCard& card() const;

  struct State;

 private:
  explicit Predictor(std::shared_ptr<const State> state);

  std::shared_ptr<const State> state_;
};

}  // namespace mobireg
