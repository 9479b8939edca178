#include <cmath>

#include "landmark_sets.h"

namespace mobireg {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using Names = std::vector<std::string>;

TEST_CASE("images and labels that are alone are left out, counted and named") {
  ImportFolder set(ImportFormat::kAflw2000);
  add_face(set, "good", 0, 0, 0);
  for (const std::string image : {"a", "b", "c", "d"}) set.image(image + ".jpg");
  set.mat("e.mat", {pose_para(0, 0, 0)});
  const DataFrame labels = set.import();
  CHECK(texts(labels, "filename") == Names{"good.jpg"});
  CHECK(set.warnings == Names{"left out 4 images without a .mat file: a.jpg; b.jpg; c.jpg; ...",
                              "left out 1 .mat files without an image: e.mat"});
}

TEST_CASE("of two images with one label file the first is imported") {
  ImportFolder set(ImportFormat::kAflw2000);
  add_face(set, "a", 0, 0, 0);
  set.image("a.png");
  CHECK(set.warning() == "left out 1 images without a .mat file: a.png");
}

TEST_CASE("images that cannot be read are left out") {
  ImportFolder set(ImportFormat::kAflw2000);
  add_face(set, "good", 0, 0, 0);
  add_face(set, "bad", 0, 0, 0);
  set.text("bad.jpg", "no image");
  CHECK_THAT(set.warning(), StartsWith("left out 1 faces that cannot be read: 'bad.jpg': "));
  std::filesystem::remove(set.path() / "bad.jpg");
  std::filesystem::create_symlink("/etc/hostname", set.path() / "bad.jpg");
  CHECK_THAT(set.warning(), Contains("'bad.jpg': it lies outside the data folder"));
}

TEST_CASE("label files outside the folder are not followed") {
  ImportFolder outside, set(ImportFormat::kAflw2000);
  add_face(outside, "bad", 0, 0, 0);
  add_face(set, "good", 0, 0, 0);
  set.image("bad.jpg");
  std::filesystem::create_symlink(outside.path() / "bad.mat", set.path() / "bad.mat");
  CHECK(set.warning() ==
        "left out 1 faces that cannot be read: 'bad.mat': it lies outside the data folder");
}

TEST_CASE("an image that EXIF data turns is left out") {
  ImportFolder set(ImportFormat::kAflw2000);
  add_face(set, "good", 0, 0, 0);
  add_face(set, "turned", 0, 0, 0);
  std::ifstream stream(set.path() / "turned.jpg", std::ios::binary);
  std::stringstream jpeg;
  jpeg << stream.rdbuf();
  using namespace std::string_literals;
  const std::string exif =
      "\xff\xe1\x00\x22"s +
      "Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"s;
  set.text("turned.jpg", jpeg.str().substr(0, 2) + exif + jpeg.str().substr(2));
  CHECK(set.warning() ==
        "left out 1 faces that cannot be read: 'turned.jpg': its EXIF data turns it (orientation "
        "6), and its labels may be for either image");
}

TEST_CASE("a damaged label file costs its own row only") {
  ImportFolder set(ImportFormat::kAflw2000);
  add_face(set, "good", 0, 0, 0);
  add_face(set, "bad", 0, 0, std::nan(""));
  CHECK(set.warning() ==
        "left out 1 faces that cannot be read: 'bad.mat': Pose_Para has numbers "
        "that are not finite");
}

TEST_CASE("files that are hidden, and folders that are links, are passed over") {
  ImportFolder set(ImportFormat::kAflw2000);
  add_face(set, "a", 0, 0, 0);
  add_face(set, ".hidden/b", 0, 0, 0);
  set.text("._a.jpg", "of macOS");
  std::filesystem::create_directory_symlink(".", set.path() / "loop");
  CHECK(set.import().rows() == 1);
  CHECK(set.warnings.empty());
}

TEST_CASE("an import without rows is an error that says why") {
  ImportFolder set(ImportFormat::kBiwi);
  const std::string where = "nothing to import in '" + set.path().string() + "': ";
  CHECK(set.error() ==
        where + "biwi is made of 01/frame_00003_rgb.png with 01/frame_00003_pose.txt");
  set.image("01/frame_00003_rgb.png");
  CHECK(set.error() ==
        where + "left out 1 images without a _pose.txt file: 01/frame_00003_rgb.png");
  CHECK(set.warnings.empty());
  // All that is to be told, not only what came up first.
  set.options.format = ImportFormat::kPointing04;
  set.image("person01146-15+30.jpg");
  set.text("person01146-15+30.jpg", "no image");
  CHECK_THAT(set.error(),
             Contains("left out 1 images whose names are not like") &&
                 Contains("; and 1 images have no .txt file") &&
                 Contains("; and left out 1 faces that cannot be read: 'person01146-15+30.jpg': "));
}

TEST_CASE("a folder that does not exist is an error for every format") {
  ImportFolder set;
  set.options.folder = set.path() / "none";
  for (const std::string& name : import_format_names()) {
    set.options.format = import_format(name);
    CHECK_THAT(set.error(), Contains("none") && Contains("No such file or directory"));
  }
}

TEST_CASE("formats are known by name, and a wrong one gets the nearest") {
  CHECK(import_format_names() == Names{"300w_lp", "aflw2000", "biwi", "pointing04", "300w_pts"});
  CHECK(import_format("300w_lp") == ImportFormat::k300wLp);
  CHECK(import_format("aflw2000") == ImportFormat::kAflw2000);
  CHECK(import_format("biwi") == ImportFormat::kBiwi);
  CHECK(import_format("pointing04") == ImportFormat::kPointing04);
  CHECK(import_format("300w_pts") == ImportFormat::k300wPts);
  CHECK_THROWS_WITH(import_format("aflw200"),
                    "there is no format 'aflw200' (did you mean aflw2000?); allowed: 300w_lp, "
                    "aflw2000, biwi, pointing04, 300w_pts");
}

TEST_CASE("options without a meaning for the format are refused") {
  ImportFolder set;
  const auto error_with = [&](ImportOptions options) {
    options.folder = set.path();
    set.options = options;
    return set.error();
  };
  ImportOptions options;
  options.format = ImportFormat::kBiwi;
  options.landmarks = true;
  CHECK(error_with(options) == "landmarks: only 300w_lp and aflw2000 have them beside the pose");
  options = {};
  options.format = ImportFormat::kAflw2000;
  options.flipped = false;
  CHECK(error_with(options) == "flipped: aflw2000 has no mirrored folders to leave out");
  options = {};
  options.format = ImportFormat::k300wPts;
  options.degrees = true;
  CHECK(error_with(options) == "degrees: 300w_pts has no angles");
  options.degrees = false;
  options.max_angle = 99;
  CHECK(error_with(options) == "max_angle: 300w_pts has no angles");
  options.format = ImportFormat::kBiwi;
  options.max_angle = 0;
  CHECK(error_with(options) == "max_angle is 0 degrees; allowed: above 0, at most 180");
  options.max_angle = std::nan("");
  CHECK_THAT(error_with(options), StartsWith("max_angle is nan degrees"));
}

TEST_CASE("the CSV is labels.csv of the folder, or where it is asked for") {
  ImportFolder set(ImportFormat::kAflw2000);
  add_face(set, "a", 0.25, 0, 0);
  ImportedFile file = import_to_csv(set.options);
  CHECK(file.csv == set.path() / "labels.csv");
  CHECK(file.rows == 1);
  CHECK(DataFrame::read_csv(file.csv).to_csv() == set.import().to_csv());
  set.options.output = set.path() / "other.csv";
  CHECK(import_to_csv(set.options).csv == set.path() / "other.csv");
  set.options.output = set.path() / "none/labels.csv";
  CHECK_THROWS_WITH(import_to_csv(set.options), Contains("none/labels.csv"));
}

TEST_CASE("a CSV that is there already is replaced only where asked for") {
  ImportFolder set(ImportFormat::kAflw2000);
  add_face(set, "a", 0, 0, 0);
  set.text("labels.csv", "precious");
  CHECK_THROWS_WITH(import_to_csv(set.options), Contains("labels.csv' exists already; overwrite"));
  CHECK(DataFrame::read_csv(set.path() / "labels.csv").columns() == Names{"precious"});
  set.options.overwrite = true;
  CHECK(import_to_csv(set.options).rows == 1);
  CHECK(DataFrame::read_csv(set.path() / "labels.csv").has_column("pitch"));
}

}  // namespace
}  // namespace mobireg
