#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <system_error>

#include "importers/read_faces.h"
#include "mobireg/importers/importers.h"

namespace mobireg {
namespace {

namespace fs = std::filesystem;

constexpr double kDegreesPerRadian = 57.29577951308232;

struct Format {
  std::string_view name;
  std::vector<std::string_view> angles;  // columns that the set has
  bool has_landmarks;                    // to be asked for
  std::string_view files;                // what it is made of
  std::vector<LabelledFace> (*read)(const ImportOptions&, ImportLog&);
};

const std::vector<Format>& formats() {
  static const std::vector<Format> all = {
      {"300w_lp", {"pitch", "yaw", "roll"}, true, "AFW/*.jpg with AFW/*.mat", read_300w_lp},
      {"aflw2000", {"pitch", "yaw", "roll"}, true, "*.jpg with *.mat", read_aflw2000},
      {"biwi",
       {"pitch", "yaw", "roll"},
       false,
       "01/frame_00003_rgb.png with 01/frame_00003_pose.txt",
       read_biwi},
      {"pointing04", {"pitch", "yaw"}, false, "Person01/person01146-15+30.jpg", read_pointing04},
      {"300w_pts", {}, false, "*.jpg or *.png with *.pts", read_300w_pts},
  };
  return all;
}

const Format& format_of(const ImportOptions& options) {
  return formats()[static_cast<std::size_t>(options.format)];
}

double angle(const LabelledFace& face, std::string_view name) {
  return name == "pitch" ? face.pose.pitch : name == "yaw" ? face.pose.yaw : face.pose.roll;
}

void check(const ImportOptions& options, const Format& format) {
  if (options.landmarks && !format.has_landmarks) {
    fail("landmarks: only 300w_lp and aflw2000 have them beside the pose");
  }
  if (!options.flipped && options.format != ImportFormat::k300wLp) {
    fail("flipped: {} has no mirrored folders to leave out", format.name);
  }
  if (options.degrees && format.angles.empty()) fail("degrees: {} has no angles", format.name);
  if (!options.max_angle) return;
  if (format.angles.empty()) fail("max_angle: {} has no angles", format.name);
  if (!(*options.max_angle > 0 && *options.max_angle <= 180)) {
    fail("max_angle is {} degrees; allowed: above 0, at most 180", *options.max_angle);
  }
}

void limit_angles(const ImportOptions& options, const Format& format,
                  std::vector<LabelledFace>& faces, ImportLog& log) {
  if (!options.max_angle) return;
  const double limit = *options.max_angle / kDegreesPerRadian;
  const auto beyond = [&](const LabelledFace& face) {
    return std::any_of(format.angles.begin(), format.angles.end(),
                       [&](std::string_view name) { return std::abs(angle(face, name)) > limit; });
  };
  const auto end = std::stable_partition(faces.begin(), faces.end(),
                                         [&](const LabelledFace& face) { return !beyond(face); });
  for (auto face = end; face != faces.end(); ++face) {
    log.add(fmt::format("left out {{}} faces with an angle beyond {} degrees", *options.max_angle),
            face->filename);
  }
  faces.erase(end, faces.end());
}

/// Columns are short texts of as many digits as labels may be sure of.
double rounded(double value, double digits) { return std::round(value * digits) / digits; }

/// `value(face)` of every face.
template <class Value>
auto column(const std::vector<LabelledFace>& faces, const Value& value) {
  std::vector<decltype(value(faces.front()))> cells;
  cells.reserve(faces.size());
  for (const LabelledFace& face : faces) cells.push_back(value(face));
  return cells;
}

void add_boxes(const std::vector<LabelledFace>& faces, DataFrame& frame) {
  constexpr std::pair<const char*, double FaceBox::*> kSides[] = {{"left", &FaceBox::left},
                                                                  {"top", &FaceBox::top},
                                                                  {"right", &FaceBox::right},
                                                                  {"bottom", &FaceBox::bottom}};
  for (const auto& [name, side] : kSides) {
    const auto pixels = [side = side](const LabelledFace& face) {
      return rounded((*face.box).*side, 1e3);
    };
    frame.add_column(name, column(faces, pixels));
  }
}

void add_landmarks(const std::vector<LabelledFace>& faces, DataFrame& frame) {
  for (std::size_t i = 0; i < faces.front().landmarks.size(); ++i) {
    const auto x = [i](const LabelledFace& face) { return rounded(face.landmarks[i].x, 1e6); };
    const auto y = [i](const LabelledFace& face) { return rounded(face.landmarks[i].y, 1e6); };
    frame.add_column(fmt::format("x{}", i), column(faces, x));
    frame.add_column(fmt::format("y{}", i), column(faces, y));
  }
}

DataFrame frame_of(const std::vector<LabelledFace>& faces, const Format& format, bool degrees) {
  DataFrame frame;
  frame.add_column("filename",
                   column(faces, [](const LabelledFace& face) { return face.filename; }));
  const double unit = degrees ? kDegreesPerRadian : 1;
  for (const std::string_view name : format.angles) {
    const auto value = [&](const LabelledFace& face) {
      return rounded(angle(face, name) * unit, 1e6);
    };
    frame.add_column(std::string(name), column(faces, value));
  }
  if (faces.front().box) add_boxes(faces, frame);
  add_landmarks(faces, frame);
  frame.add_column("group", column(faces, [](const LabelledFace& face) { return face.group; }));
  return frame;
}

}  // namespace

std::vector<std::string> import_format_names() {
  std::vector<std::string> names;
  for (const Format& format : formats()) names.emplace_back(format.name);
  return names;
}

ImportFormat import_format(std::string_view name) {
  const auto names = import_format_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<ImportFormat>(found - names.begin());
  const std::string nearest = nearest_name(name, names);
  fail("there is no format {}{}; allowed: {}", in_quotes(name),
       nearest.empty() ? "" : fmt::format(" (did you mean {}?)", nearest), fmt::join(names, ", "));
}

DataFrame import_labels(const ImportOptions& options, const ImportWarning& warn) {
  const Format& format = format_of(options);
  check(options, format);
  ImportLog log;
  auto faces = format.read(options, log);
  limit_angles(options, format, faces, log);
  const auto messages = log.messages();
  if (faces.empty()) {
    fail("nothing to import in {}: {}", in_quotes(options.folder.string(), 1000),
         messages.empty() ? fmt::format("{} is made of {}", format.name, format.files)
                          : fmt::format("{}", fmt::join(messages, "; and ")));
  }
  for (const std::string& message : messages) {
    if (warn) warn(message);
  }
  return frame_of(faces, format, options.degrees);
}

ImportedFile import_to_csv(const ImportOptions& options, const ImportWarning& warn) {
  const fs::path csv = options.output.empty() ? options.folder / "labels.csv" : options.output;
  std::error_code error;
  if (!options.overwrite && fs::exists(fs::symlink_status(csv, error))) {
    fail("{} exists already; overwrite replaces it", in_quotes(csv.string(), 1000));
  }
  const DataFrame labels = import_labels(options, warn);
  labels.write_csv(csv);
  return {csv, labels.rows()};
}

}  // namespace mobireg
