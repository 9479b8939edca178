#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

struct _mat_t;

namespace mobireg {

/// Column by column, as MATLAB keeps it.
struct Matrix {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::vector<double> values;

  double at(std::size_t row, std::size_t column) const { return values[column * rows + row]; }
};

/// A MATLAB file of version 5 (what `save` wrote before 7.3, and scipy.io.savemat writes),
/// compressed or not.
class MatFile {
 public:
  /// Throws Error (why, without the file's name) when it is none.
  explicit MatFile(const std::filesystem::path& path);

  /// A real matrix of double or single precision, at most 10,000 numbers. Throws Error (why,
  /// without the file's name) when there is no such variable, it is something else, damaged or not
  /// finite.
  Matrix matrix(const std::string& name) const;

 private:
  struct Close {
    void operator()(_mat_t* file) const;
  };
  std::unique_ptr<_mat_t, Close> file_;
};

}  // namespace mobireg
