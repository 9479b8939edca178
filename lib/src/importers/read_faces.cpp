#include "importers/read_faces.h"

#include <algorithm>
#include <optional>

#include "core/parallel_for.h"
#include "mobireg/core/threads.h"

namespace mobireg {
namespace {

constexpr std::uint64_t kMaxPixels = 64'000'000;

ImageHeader readable_header(const ImageFolder& folder, const std::string& image) {
  const ImageHeader header = folder.header(image, kMaxPixels);
  if (header.orientation > 1) {
    fail("{}: its EXIF data turns it (orientation {}), and its labels may be for either image",
         in_quotes(image, 1000), header.orientation);
  }
  return header;
}

void check_box(const FaceBox& box, const ImageHeader& image, const std::string& file) {
  constexpr double kMaxSides = 10;  // of the image
  const double width = box.right - box.left, height = box.bottom - box.top;
  const double limit = kMaxSides * std::max(image.width, image.height);
  if (!(width > 0 && height > 0 && width <= limit && height <= limit)) {
    fail("{}: its face is {:.6g} x {:.6g} pixels in an image of {} x {}", in_quotes(file, 1000),
         width, height, image.width, image.height);
  }
  if (box.right <= 0 || box.left >= image.width || box.bottom <= 0 || box.top >= image.height) {
    fail("{}: its face lies outside the image", in_quotes(file, 1000));
  }
}

LabelledFace finished(LabelledFace face, const ImageHeader& image, bool keep_landmarks) {
  if (!face.landmarks.empty()) face.box = box_of_landmarks(face.landmarks);
  if (face.box) check_box(*face.box, image, face.filename);
  face.landmarks = keep_landmarks
                       ? in_image_units(std::move(face.landmarks), image.width, image.height)
                       : std::vector<Point>();
  return face;
}

}  // namespace

std::string read_text(const ImageFolder& folder, const std::string& file) {
  constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 20;
  const std::uint64_t size = folder.stamp(file).size;
  if (size == 0) fail("{}: the file is empty", in_quotes(file, 1000));
  if (size > kMaxBytes) fail("{}: it is larger than 1 MiB", in_quotes(file, 1000));
  return folder.read(file);
}

std::vector<LabelledFace> read_faces(const FaceSource& source, const ReadFace& read,
                                     ImportLog& log) {
  struct Outcome {
    std::optional<LabelledFace> face;
    std::string error;
  };
  std::vector<Outcome> outcomes(source.pairs.size());
  parallel_for(static_cast<std::int64_t>(source.pairs.size()), available_cores(),
               [&](std::int64_t i) {
                 const FilePair& files = source.pairs[static_cast<std::size_t>(i)];
                 Outcome& outcome = outcomes[static_cast<std::size_t>(i)];
                 try {
                   const ImageHeader header = readable_header(source.folder, files.image);
                   outcome.face = finished(read(files, header), header, source.keep_landmarks);
                 } catch (const Error& error) {
                   outcome.error = error.what();
                 }
               });
  std::vector<LabelledFace> faces;
  for (Outcome& outcome : outcomes) {
    if (outcome.face) {
      faces.push_back(std::move(*outcome.face));
    } else {
      log.add("left out {} faces that cannot be read", outcome.error);
    }
  }
  return faces;
}

}  // namespace mobireg
