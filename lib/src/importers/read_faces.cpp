#include "importers/read_faces.h"

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

LabelledFace finished(LabelledFace face, const ImageHeader& image, bool keep_landmarks) {
  if (!face.landmarks.empty()) face.box = box_of_landmarks(face.landmarks);
  face.landmarks = keep_landmarks
                       ? in_image_units(std::move(face.landmarks), image.width, image.height)
                       : std::vector<Point>();
  return face;
}

}  // namespace

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
