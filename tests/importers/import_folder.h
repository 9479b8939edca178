#pragma once

#include <matio.h>

#include <filesystem>
#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "core/fail.h"
#include "mobireg/importers/importers.h"
#include "temporary_folder.h"

namespace mobireg {

/// A matrix for a .mat file, column by column.
struct MatVariable {
  std::string name;
  std::size_t rows;
  std::size_t columns;
  std::vector<double> values;
  bool single = true;
};

/// A small data set on disk, and its import.
class ImportFolder {
 public:
  ImportFolder() = default;
  explicit ImportFolder(ImportFormat format) {
    options.format = format;
    options.folder = path();
  }

  std::filesystem::path path() const { return folder_.path(); }

  void text(const std::string& name, const std::string& contents) const {
    std::ofstream(made(name), std::ios::binary) << contents;
  }

  void image(const std::string& name, int width = 100, int height = 50) const {
    cv::imwrite(made(name).string(), cv::Mat(height, width, CV_8UC3, cv::Scalar(1, 2, 3)));
  }

  void mat(const std::string& name, const std::vector<MatVariable>& variables,
           matio_compression compression = MAT_COMPRESSION_ZLIB) const {
    mat_t* file = Mat_CreateVer(made(name).c_str(), nullptr, MAT_FT_MAT5);
    for (const MatVariable& variable : variables) write(file, variable, compression);
    Mat_Close(file);
  }

  DataFrame import() {
    warnings.clear();
    return import_labels(options, [this](const std::string& line) { warnings.push_back(line); });
  }

  /// The message of the Error that the import ends with.
  std::string error() {
    try {
      import();
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  /// The only warning of an import that leaves rows.
  std::string warning() {
    import();
    return warnings.size() == 1 ? warnings[0] : std::to_string(warnings.size()) + " warnings";
  }

  ImportOptions options;
  std::vector<std::string> warnings;

 private:
  std::filesystem::path made(const std::string& name) const {
    const auto file = path() / name;
    std::filesystem::create_directories(file.parent_path());
    return file;
  }

  static void write(mat_t* file, const MatVariable& variable, matio_compression compression) {
    std::size_t dims[] = {variable.rows, variable.columns};
    std::vector<float> singles(variable.values.begin(), variable.values.end());
    std::vector<double> doubles = variable.values;
    matvar_t* matrix = variable.single ? Mat_VarCreate(variable.name.c_str(), MAT_C_SINGLE,
                                                       MAT_T_SINGLE, 2, dims, singles.data(), 0)
                                       : Mat_VarCreate(variable.name.c_str(), MAT_C_DOUBLE,
                                                       MAT_T_DOUBLE, 2, dims, doubles.data(), 0);
    Mat_VarWrite(file, matrix, compression);
    Mat_VarFree(matrix);
  }

  TemporaryFolder folder_;
};

inline std::vector<std::string> texts(const DataFrame& frame, const std::string& column) {
  const auto& cells = frame.strings(column);
  return {cells.begin(), cells.end()};
}

}  // namespace mobireg
