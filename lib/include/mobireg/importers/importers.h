#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mobireg/data/data_frame.h"

namespace mobireg {

/// The published data sets whose labels can be read; docs/importers.md describes each.
enum class ImportFormat { k300wLp, kAflw2000, kBiwi, kPointing04, k300wPts };

/// "300w_lp", "aflw2000", "biwi", "pointing04", "300w_pts", in the enum's order.
std::vector<std::string> import_format_names();

/// Throws Error with the nearest name when there is no such format.
ImportFormat import_format(std::string_view name);

struct ImportOptions {
  ImportFormat format = ImportFormat::k300wLp;
  std::filesystem::path folder;    // of the data set
  std::filesystem::path output{};  // CSV; empty: labels.csv in `folder`
  bool overwrite = false;
  bool degrees = false;               // angles; else radians
  bool landmarks = false;             // 300W-LP and AFLW2000: columns x0, y0, ... x67, y67 as well
  bool flipped = true;                // 300W-LP: the mirrored folders (AFW_Flip, ...) as well
  std::optional<double> max_angle{};  // degrees; rows with an angle beyond it are left out
};

/// Is told, one line a reason, which files were left out.
using ImportWarning = std::function<void(const std::string&)>;

/// Reads a data set's labels. Rows are sorted by file name; columns:
///   filename                  of the image, relative to the folder, with `/`
///   pitch, yaw, roll          the convention of core/rotation.h (Pointing'04: no roll, 300-W:
///   none) left, top, right, bottom  a face box in pixels of the image, from the image's left and
///   top edge
///                             (Pointing'04: only where the set's .txt files are there)
///   x0, y0, ... x67, y67      landmarks in units of the image (300-W: always)
///   group                     the person or photograph, which a split must not cut through
/// An image without labels, labels without an image, and files that are damaged are left out, with
/// a warning that counts them and names the first ones. Throws Error when the folder cannot be
/// read, an option has no meaning for the format or is out of its range, or no row is left.
DataFrame import_labels(const ImportOptions& options, const ImportWarning& warn = {});

struct ImportedFile {
  std::filesystem::path csv;
  std::int64_t rows = 0;
};

/// `import_labels` to a CSV, which appears at once. Throws Error when the file exists, unless
/// `overwrite`, or cannot be written.
ImportedFile import_to_csv(const ImportOptions& options, const ImportWarning& warn = {});

}  // namespace mobireg
