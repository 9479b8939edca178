#include "importers/mat_file.h"

#include <matio.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <system_error>

#include "core/fail.h"
#include "importers/mat_structure.h"

namespace mobireg {
namespace {

constexpr std::uintmax_t kMaxBytes = std::uintmax_t{1} << 26;
constexpr std::size_t kMaxNumbers = 10'000;

struct FreeVariable {
  void operator()(matvar_t* variable) const { Mat_VarFree(variable); }
};
using Variable = std::unique_ptr<matvar_t, FreeVariable>;

/// The whole file.
std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) fail("it is not there, or there is no permission to read it");
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error || size > kMaxBytes) fail("it is no file of at most {} bytes", kMaxBytes);
  std::string bytes(size, '\0');
  if (!stream.read(bytes.data(), static_cast<std::streamsize>(size))) fail("it cannot be read");
  return bytes;
}

template <class T>
std::vector<double> converted(const void* data, std::size_t count) {
  const T* numbers = static_cast<const T*>(data);
  return std::vector<double>(numbers, numbers + count);
}

}  // namespace

void MatFile::Close::operator()(_mat_t* file) const { Mat_Close(file); }

MatFile::MatFile(const std::filesystem::path& path) {
  // Other versions stay out of libmatio: it hands 7.3 to HDF5, which prints.
  check_mat_structure(bytes_of(path));
  file_.reset(Mat_Open(path.c_str(), MAT_ACC_RDONLY));
  if (!file_) fail("it is no MATLAB file that can be read");
}

Matrix MatFile::matrix(const std::string& name) const {
  const Variable variable(Mat_VarReadInfo(file_.get(), name.c_str()));
  if (!variable) fail("it has no variable {}", name);
  const bool single = variable->class_type == MAT_C_SINGLE;
  const bool real = (single || variable->class_type == MAT_C_DOUBLE) && !variable->isComplex;
  if (!real || variable->rank != 2) fail("{} is no matrix of real numbers", name);
  Matrix matrix{variable->dims[0], variable->dims[1], {}};
  if (matrix.rows > kMaxNumbers || matrix.columns > kMaxNumbers ||
      matrix.rows * matrix.columns > kMaxNumbers) {
    fail("{} is {} x {}, more than {} numbers", name, matrix.rows, matrix.columns, kMaxNumbers);
  }
  if (Mat_VarReadDataAll(file_.get(), variable.get()) != 0 || variable->data == nullptr) {
    fail("{} is damaged", name);
  }
  const std::size_t count = matrix.rows * matrix.columns;
  matrix.values =
      single ? converted<float>(variable->data, count) : converted<double>(variable->data, count);
  const bool finite = std::all_of(matrix.values.begin(), matrix.values.end(),
                                  [](double value) { return std::isfinite(value); });
  if (!finite) fail("{} has numbers that are not finite", name);
  return matrix;
}

}  // namespace mobireg
