#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "mobireg/predict/predict_inputs.h"
#include "predict/face.h"
#include "predict/picture_source.h"

namespace mobireg {

/// Writes faces as CSV or JSON, picture by picture.
class FaceWriter {
 public:
  /// uncertain: places of the outputs that have a standard deviation.
  FaceWriter(PredictFormat format, std::vector<OutputConfig> outputs,
             std::function<void(std::string_view)> write, std::vector<std::size_t> uncertain = {});

  void begin();
  void add(const std::string& name, const Picture& picture,
           const std::vector<PredictedFace>& faces);
  void end();

 private:
  std::string csv_row(const std::string& name, const Picture& picture,
                      const PredictedFace& face) const;
  std::string json_face(const PredictedFace& face) const;
  std::string json_picture(const std::string& name, const Picture& picture,
                           const std::vector<PredictedFace>& faces) const;
  std::vector<std::string> values_of(const PredictedFace& face) const;

  PredictFormat format_;
  std::vector<OutputConfig> outputs_;
  std::vector<std::size_t> uncertain_;
  bool landmark_pose_;
  std::vector<std::string> names_;  // of the columns of values
  std::function<void(std::string_view)> write_;
  bool first_ = true;
};

}  // namespace mobireg
