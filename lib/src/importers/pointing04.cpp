#include <algorithm>
#include <regex>

#include "importers/number_rows.h"
#include "importers/read_faces.h"

namespace mobireg {
namespace {

constexpr double kRadiansPerDegree = 0.017453292519943295;

const std::regex& name_pattern() {
  static const std::regex pattern("person(?:ne)?(\\d\\d)\\d\\d\\d([+-]\\d{1,2})([+-]\\d{1,2})");
  return pattern;
}

/// Angles and person from a name like person01146-15+30: person 01, series 1, number 46, tilt -15,
/// pan 30.
LabelledFace face_of(const std::string& image) {
  const std::string stem = stem_of(image);
  std::smatch parts;
  std::regex_match(stem, parts, name_pattern());
  LabelledFace face{image, parts[1]};
  face.pose.pitch = std::stod(parts[2]) * kRadiansPerDegree;
  face.pose.yaw = std::stod(parts[3]) * kRadiansPerDegree;
  return face;
}

/// The image's name, "Face", then the box's centre x and y, width and height.
FaceBox box_of(std::string_view text) {
  constexpr std::string_view kFace = "Face";
  const std::size_t found = text.rfind(kFace);
  if (found == std::string_view::npos) fail("it has no line 'Face'");
  const auto numbers = numbers_of(text.substr(found + kFace.size()), 4);
  const double width = numbers[2], height = numbers[3];
  return {numbers[0] - width / 2, numbers[1] - height / 2, numbers[0] + width / 2,
          numbers[1] + height / 2};
}

/// Images with names that tell the pose, each with its .txt file where there is one.
std::vector<FilePair> named_images(const std::vector<std::string>& files, ImportLog& log) {
  std::vector<FilePair> pairs;
  for (const std::string& file : files) {
    if (!is_image(file)) continue;
    if (!std::regex_match(stem_of(file), name_pattern())) {
      log.add("left out {} images whose names are not like person01146-15+30.jpg", file);
      continue;
    }
    const std::string text = without_extension(file) + ".txt";
    const bool has_text = std::binary_search(files.begin(), files.end(), text);
    pairs.push_back({file, has_text ? text : std::string()});
  }
  return pairs;
}

}  // namespace

std::vector<LabelledFace> read_pointing04(const ImportOptions& options, ImportLog& log) {
  const ImageFolder folder(options.folder);
  // "Front" repeats the frontal images.
  const auto pairs = named_images(without_folders(list_files(options.folder), {"Front"}), log);
  const bool boxes = std::any_of(pairs.begin(), pairs.end(),
                                 [](const FilePair& files) { return !files.label.empty(); });
  if (!boxes) {
    for (const FilePair& files : pairs) {
      log.add("{} images have no .txt file with a face box; no box columns are written",
              files.image);
    }
  }
  const auto read = [&](const FilePair& files, const ImageHeader&) {
    LabelledFace face = face_of(files.image);
    if (!boxes) return face;
    if (files.label.empty()) {
      fail("{}: it has no .txt file with a face box", in_quotes(files.image, 1000));
    }
    const std::string text = read_text(folder, files.label);
    face.box = naming(files.label, [&] { return box_of(text); });
    return face;
  };
  return read_faces({folder, pairs}, read, log);
}

}  // namespace mobireg
