#include "importers/mat_file.h"

#include <cmath>
#include <limits>

#include "import_folder.h"
#include "mobireg/core/error.h"

namespace mobireg {
namespace {

using Catch::Matchers::Contains;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

const MatVariable kMatrix{"A", 2, 3, {1, 2, 3, 4, 5, 0.1}};

std::string contents(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::string error_of(const std::filesystem::path& path, const std::string& variable = "A") {
  try {
    MatFile(path).matrix(variable);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST_CASE("a matrix in a .mat file is read column by column, single or double, compressed or not") {
  const ImportFolder set;
  for (const auto compression : {MAT_COMPRESSION_NONE, MAT_COMPRESSION_ZLIB}) {
    for (const bool single : {true, false}) {
      MatVariable variable = kMatrix;
      variable.single = single;
      set.mat("a.mat", {{"before", 1, 1, {7}}, variable, {"after", 1, 1, {8}}}, compression);
      const Matrix matrix = MatFile(set.path() / "a.mat").matrix("A");
      CHECK(matrix.rows == 2);
      CHECK(matrix.columns == 3);
      CHECK(matrix.at(1, 0) == 2);
      CHECK(matrix.at(0, 1) == 3);
      CHECK(matrix.at(1, 2) == (single ? static_cast<double>(0.1F) : 0.1));
    }
  }
}

TEST_CASE("a .mat file that scipy compressed is read as scipy wrote it") {
  const MatFile file(std::string(MOBIREG_FIXTURES) + "/aflw2000_face.mat");
  CHECK(file.matrix("Pose_Para").values[1] == 0.5);
  const Matrix points = file.matrix("pt3d_68");
  REQUIRE(points.rows == 3);
  REQUIRE(points.columns == 68);
  CHECK(points.at(0, 67) == 77);
  CHECK(points.at(1, 67) == 154);
  CHECK(points.at(2, 67) == -67);
}

TEST_CASE("a .mat file cut off anywhere is refused, never read as zeros") {
  const ImportFolder set;
  set.mat("plain.mat", {kMatrix}, MAT_COMPRESSION_NONE);
  set.mat("compressed.mat", {kMatrix}, MAT_COMPRESSION_ZLIB);
  for (const std::string name : {"plain.mat", "compressed.mat"}) {
    const std::string whole = contents(set.path() / name);
    REQUIRE(error_of(set.path() / name) == "no error");
    for (std::size_t size = 0; size < whole.size(); ++size) {
      set.text("cut.mat", whole.substr(0, size));
      CAPTURE(name, size);
      CHECK_THAT(error_of(set.path() / "cut.mat"), Contains("fewer than 128 bytes") ||
                                                       Contains("it is truncated") ||
                                                       Contains("it has no variable A"));
    }
  }
}

TEST_CASE("a changed byte in a compressed variable is found") {
  const ImportFolder set;
  set.mat("a.mat", {kMatrix});
  const std::string whole = contents(set.path() / "a.mat");
  for (std::size_t i = 136; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 0x10);
    set.text("b.mat", changed);
    CAPTURE(i);
    CHECK(error_of(set.path() / "b.mat") == "the compressed variable at byte 136 is damaged");
  }
}

TEST_CASE("what is no matrix of finite real numbers in a .mat file is refused") {
  const ImportFolder set;
  set.mat("a.mat", {kMatrix,
                    {"nan", 1, 2, {1, std::nan("")}},
                    {"infinite", 1, 1, {kInfinity}},
                    {"large", 101, 100, std::vector<double>(10100)}});
  const auto file = set.path() / "a.mat";
  CHECK(error_of(file, "B") == "it has no variable B");
  CHECK(error_of(file, "nan") == "nan has numbers that are not finite");
  CHECK(error_of(file, "infinite") == "infinite has numbers that are not finite");
  CHECK(error_of(file, "large") == "large is 101 x 100, more than 10000 numbers");

  mat_t* texts = Mat_CreateVer((set.path() / "text.mat").c_str(), nullptr, MAT_FT_MAT5);
  std::size_t dims[] = {1, 3};
  char text[] = "abc";
  matvar_t* variable = Mat_VarCreate("A", MAT_C_CHAR, MAT_T_UINT8, 2, dims, text, 0);
  Mat_VarWrite(texts, variable, MAT_COMPRESSION_NONE);
  Mat_VarFree(variable);
  Mat_Close(texts);
  CHECK(error_of(set.path() / "text.mat") == "A is no matrix of real numbers");
}

TEST_CASE("what is no MATLAB file of version 5 is refused by its header") {
  const ImportFolder set;
  const auto error_with = [&](const std::string& bytes) {
    set.text("a.mat", bytes);
    return error_of(set.path() / "a.mat");
  };
  using namespace std::string_literals;
  const std::string text(124, ' ');
  CHECK(error_with("") == "it is no MATLAB file: it has fewer than 128 bytes");
  CHECK(error_with(text + "\x00\x02IM"s) == "it is of MATLAB version 7.3 (HDF5); save it with -v7");
  CHECK(error_with(text + "\x02\x00MI"s) == "it is of MATLAB version 7.3 (HDF5); save it with -v7");
  CHECK(error_with(text + "1234") == "it is no MATLAB file of version 5");
  CHECK(error_with(text + "\x00\x01IM"s + std::string(8, 'x')) == "it is damaged at byte 128");
  CHECK(error_of(set.path() / "none.mat") ==
        "it is not there, or there is no permission to read it");
  std::filesystem::resize_file(set.path() / "a.mat", (1 << 26) + 1);
  CHECK(error_of(set.path() / "a.mat") == "it is no file of at most 67108864 bytes");
}

}  // namespace
}  // namespace mobireg
