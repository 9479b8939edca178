#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mobireg/predict/one_euro_filter.h"

namespace mobireg {

/// Where the faces of an image are.
enum class FaceSource { kDetector, kBoxes, kWholeImage };

enum class PredictFormat { kCsv, kJson };

/// Which faces a trained file is shown, and what becomes of what it says.
struct PredictOptions {
  std::filesystem::path file;  // checkpoint or exported file
  /// Image files, folders of them (sorted), video files, and cameras ("camera:0"). With `boxes` it
  /// may be empty: then the CSV's images, in its order.
  std::vector<std::string> inputs;
  bool recursive = false;  // folders with their sub-folders
  FaceSource faces = FaceSource::kDetector;
  std::filesystem::path detector;  // cascade or YuNet file; empty: OpenCV's frontal-face cascade
  /// CSV of `filename` (relative to its folder) and `left,top,right,bottom`, or `x0,y0,x1,y1`, in
  /// pixels; a row a face.
  std::filesystem::path boxes;
  /// Of a box's longer side that is added each way; unset: the crop margin of training.
  std::optional<double> margin;
  PredictFormat format = PredictFormat::kCsv;
  /// Folder for a drawn picture or video an input, or one video file (.mp4, .avi, .mkv, .mov) for
  /// all; empty: none.
  std::filesystem::path draw;
  bool overwrite = false;  // drawn files that are there already; an input never
  /// Smooths videos and cameras, a face at a time; in degrees, in hundredths of the crop's side for
  /// points, and in the output's unit for the rest.
  std::optional<OneEuroOptions> smooth;
  std::int64_t max_frames = 0;                   // of each video and camera; 0: all
  std::function<bool()> stop;                    // asked before each picture; null: never
  std::function<void(const std::string&)> warn;  // of what cannot be read, one line each
};

struct PredictSummary {
  std::int64_t pictures = 0;  // images and frames
  std::int64_t faces = 0;
  std::int64_t without_face = 0;  // pictures
  std::int64_t failed = 0;        // inputs that could not be read, or had no box
  bool stopped = false;           // by `stop`
};

/// Predicts on all faces of all inputs and gives the result to `write`, text piece by piece, in the
/// order of the inputs. CSV: a line a face: filename, frame (from 0), seconds, the box (left, top,
/// right, bottom), then the outputs: angles in degrees, points in pixels of the picture. JSON: an
/// array with an object a picture. A network of 68 points also gives pitch, yaw and roll, by
/// `pose_from_landmarks`.
///
/// An input that cannot be read is warned of and counted, and the others go on. What is stopped
/// ends behind a whole picture, as it would behind the last one. Throws Error when the network, the
/// detector or the boxes cannot be used, or a drawing cannot be written.
PredictSummary predict_inputs(const PredictOptions& options,
                              const std::function<void(std::string_view)>& write);

}  // namespace mobireg
