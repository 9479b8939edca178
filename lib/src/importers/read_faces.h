#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/fail.h"
#include "image/image_folder.h"
#include "importers/data_files.h"
#include "importers/import_log.h"
#include "importers/labelled_face.h"
#include "mobireg/core/text.h"
#include "mobireg/importers/importers.h"

namespace mobireg {

/// Reads one face; called by several threads at once. Throws Error with what is wrong and in which
/// file.
using ReadFace = std::function<LabelledFace(const FilePair& files, const ImageHeader& image)>;

/// The files of a data set.
struct FaceSource {
  const ImageFolder& folder;
  std::vector<FilePair> pairs;
  bool keep_landmarks = false;
};

/// Reads all faces, in the order of the pairs, makes boxes of their landmarks, and keeps these, in
/// units of the image, or not. Images that cannot be read, or that EXIF data turns (labels do not
/// tell whether they are for the turned image), are left out, and so are those for which `read`
/// throws or whose box cannot be a face's.
std::vector<LabelledFace> read_faces(const FaceSource& source, const ReadFace& read,
                                     ImportLog& log);

/// Calls `parse`, and puts the file's name before the message of an Error.
template <class Parse>
auto naming(const std::string& file, const Parse& parse) {
  try {
    return parse();
  } catch (const Error& error) {
    fail("{}: {}", in_quotes(file, 1000), error.what());
  }
}

/// A label file. Throws Error, naming it, when it is empty, larger than 1 MiB, or `ImageFolder`
/// does.
std::string read_text(const ImageFolder& folder, const std::string& file);

/// The data sets' readers: a face for each image with labels, sorted by file name.
std::vector<LabelledFace> read_300w_lp(const ImportOptions& options, ImportLog& log);
std::vector<LabelledFace> read_aflw2000(const ImportOptions& options, ImportLog& log);
std::vector<LabelledFace> read_biwi(const ImportOptions& options, ImportLog& log);
std::vector<LabelledFace> read_pointing04(const ImportOptions& options, ImportLog& log);
std::vector<LabelledFace> read_300w_pts(const ImportOptions& options, ImportLog& log);

}  // namespace mobireg
