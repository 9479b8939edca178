#include <algorithm>
#include <cmath>

#include "landmark_sets.h"

namespace mobireg {
namespace {

using Catch::Matchers::Contains;
using Names = std::vector<std::string>;
using Numbers = std::vector<double>;

TEST_CASE("AFLW2000 gives the pose in radians, a box, and each face as a group") {
  ImportFolder set(ImportFormat::kAflw2000);
  add_face(set, "image00004", 0.5, -1.75, 0.25);
  add_face(set, "image00002", -0.125, 0.25, -0.5);
  set.mat("Code/Model_PAF.mat", {{"A", 1, 1, {1}}});
  const DataFrame labels = set.import();
  CHECK(labels.columns() ==
        Names{"filename", "pitch", "yaw", "roll", "left", "top", "right", "bottom", "group"});
  CHECK(texts(labels, "filename") == Names{"image00002.jpg", "image00004.jpg"});
  CHECK(texts(labels, "group") == Names{"image00002", "image00004"});
  CHECK(labels.numbers("pitch") == Numbers{-0.125, 0.5});
  CHECK(labels.numbers("yaw") == Numbers{0.25, -1.75});
  CHECK(labels.numbers("roll") == Numbers{-0.5, 0.25});
  // x from 11 to 78 and y from 21 to 54.5 in MATLAB's pixels, a quarter of 33.5 for the forehead
  CHECK(labels.numbers("left")[0] == 10.5);
  CHECK(labels.numbers("right")[0] == 77.5);
  CHECK(labels.numbers("top")[0] == 20.5 - 8.375);
  CHECK(labels.numbers("bottom")[0] == 54);
  CHECK(set.warnings.empty());
}

TEST_CASE("a file that scipy wrote is imported") {
  ImportFolder set(ImportFormat::kAflw2000);
  set.options.landmarks = true;
  set.image("image00002.jpg", 100, 200);
  std::filesystem::copy(std::string(MOBIREG_FIXTURES) + "/aflw2000_face.mat",
                        set.path() / "image00002.mat");
  const DataFrame labels = set.import();
  CHECK(labels.numbers("pitch") == Numbers{-0.25});
  CHECK(labels.numbers("yaw") == Numbers{0.5});
  CHECK(labels.numbers("roll") == Numbers{-0.125});
  CHECK(labels.numbers("x67") == Numbers{0.765});
  CHECK(labels.numbers("y67") == Numbers{0.7675});
}

TEST_CASE("MATLAB's pixel (1, 1) is the middle of the image's first pixel") {
  ImportFolder set(ImportFormat::kAflw2000);
  set.options.landmarks = true;
  add_face(set, "a", 0, 0, 0);
  const DataFrame labels = set.import();
  CHECK(labels.columns().size() == 9 + 136);
  CHECK(labels.columns()[8] == "x0");
  CHECK(labels.columns()[9] == "y0");
  CHECK(labels.columns()[144] == "group");
  CHECK(labels.numbers("x0") == Numbers{0.105});  // of 100 pixels
  CHECK(labels.numbers("y0") == Numbers{0.41});   // of 50
}

TEST_CASE("angles are in degrees where asked for") {
  ImportFolder set(ImportFormat::kAflw2000);
  set.options.degrees = true;
  add_face(set, "a", 0, std::acos(-1.0) / 4, -std::acos(-1.0) / 2);
  const DataFrame labels = set.import();
  CHECK(labels.numbers("yaw") == Numbers{45});
  CHECK(labels.numbers("roll") == Numbers{-90});
}

TEST_CASE("faces beyond max_angle are left out, those at it stay") {
  ImportFolder set(ImportFormat::kAflw2000);
  const double degree = std::acos(-1.0) / 180;
  add_face(set, "a", 0, 98.9 * degree, 0);
  add_face(set, "b", 0, -99.1 * degree, 0);
  add_face(set, "c", 99.1 * degree, 0, 0);
  add_face(set, "d", 0, 0, 100 * degree);
  CHECK(set.import().rows() == 4);
  set.options.max_angle = 99;
  CHECK(texts(set.import(), "filename") == Names{"a.jpg"});
  CHECK(set.warnings ==
        Names{"left out 3 faces with an angle beyond 99 degrees: b.jpg; c.jpg; d.jpg"});
}

TEST_CASE("views and mirrored views of a photograph in 300W-LP are one group") {
  ImportFolder set(ImportFormat::k300wLp);
  for (const std::string stem :
       {"AFW/AFW_134212_1_0", "AFW/AFW_134212_1_1", "AFW/AFW_134212_2_0", "AFW_Flip/AFW_134212_1_0",
        "HELEN/HELEN_1034_2_1_5", "HELEN/HELEN_1034_1_0", "IBUG/IBUG_image_092 _01_1",
        "LFPW/LFPW_image_train_0002_3", "LFPW/LFPW_image_test_0002_3", "Own/somebody_12_3"}) {
    add_view(set, stem, 0, 0, 0);
  }
  const DataFrame labels = set.import();
  const auto group_of = [&](const std::string& file) {
    const auto names = texts(labels, "filename");
    const auto found = std::find(names.begin(), names.end(), file + ".jpg");
    return texts(labels, "group").at(static_cast<std::size_t>(found - names.begin()));
  };
  CHECK(group_of("AFW/AFW_134212_1_0") == "AFW_134212");
  CHECK(group_of("AFW/AFW_134212_1_1") == "AFW_134212");
  CHECK(group_of("AFW/AFW_134212_2_0") == "AFW_134212");
  CHECK(group_of("AFW_Flip/AFW_134212_1_0") == "AFW_134212");
  CHECK(group_of("HELEN/HELEN_1034_2_1_5") == group_of("HELEN/HELEN_1034_1_0"));
  CHECK(group_of("IBUG/IBUG_image_092 _01_1") == "IBUG_image_092");
  CHECK(group_of("LFPW/LFPW_image_train_0002_3") == "LFPW_image_train_0002");
  CHECK(group_of("LFPW/LFPW_image_test_0002_3") == "LFPW_image_test_0002");
  CHECK(group_of("Own/somebody_12_3") == "somebody_12");
}

TEST_CASE("mirrored folders are imported unless they are left out") {
  ImportFolder set(ImportFormat::k300wLp);
  add_view(set, "AFW/a_0", 0.5, 0.25, -0.125);
  add_view(set, "AFW_Flip/a_0", 0.5, -0.25, 0.125);
  const DataFrame both = set.import();
  CHECK(texts(both, "filename") == Names{"AFW/a_0.jpg", "AFW_Flip/a_0.jpg"});
  CHECK(both.numbers("pitch") == Numbers{0.5, 0.5});
  CHECK(both.numbers("yaw") == Numbers{0.25, -0.25});
  CHECK(both.numbers("roll") == Numbers{-0.125, 0.125});
  set.options.flipped = false;
  CHECK(texts(set.import(), "filename") == Names{"AFW/a_0.jpg"});
}

TEST_CASE("landmarks of 300W-LP are those of the view, not of the photograph") {
  ImportFolder set(ImportFormat::k300wLp);
  add_view(set, "AFW/a_3", 0, 1, 0);
  auto points = matlab_points();
  for (double& value : points) value += 4;
  set.mat("landmarks/AFW/a_3_pts.mat", {{"pts_2d", 68, 2, transposed(points)}});
  CHECK(set.import().numbers("left") == Numbers{14.5});
  CHECK(set.warnings.empty());
  set.options.landmarks = true;
  CHECK(set.import().numbers("x0") == Numbers{0.145});
}

TEST_CASE("landmarks of a mirrored view are mirrored, each at its number in the mirrored face") {
  ImportFolder set(ImportFormat::k300wLp);
  set.options.landmarks = true;
  add_view(set, "set/AFW/a_3", 0, 1, 0);
  add_view(set, "set/AFW_Flip/a_3", 0, -1, 0);
  set.mat("set/landmarks/AFW/a_3_pts.mat", {{"pts_2d", 68, 2, transposed(matlab_points())}});
  const DataFrame labels = set.import();
  const auto x = [&](int point, std::size_t row) {
    return labels.numbers("x" + std::to_string(point))[row];
  };
  const std::pair<int, int> kMirrored[] = {{0, 16},  {8, 8},   {17, 26}, {21, 22}, {27, 27},
                                           {30, 30}, {31, 35}, {33, 33}, {36, 45}, {37, 44},
                                           {39, 42}, {40, 47}, {41, 46}, {48, 54}, {51, 51},
                                           {55, 59}, {57, 57}, {60, 64}, {62, 62}, {65, 67}};
  for (const auto& [point, mirror] : kMirrored) {
    CAPTURE(point, mirror);
    CHECK(x(mirror, 1) == Approx(1 - x(point, 0)));
    CHECK(x(point, 1) == Approx(1 - x(mirror, 0)));
  }
  CHECK(labels.numbers("y8")[0] == labels.numbers("y8")[1]);
}

TEST_CASE("without landmark files the boxes of 300W-LP are of the photograph, with a warning") {
  ImportFolder set(ImportFormat::k300wLp);
  add_view(set, "AFW/a_3", 0, 1, 0);
  CHECK(set.warning() ==
        "1 views have no landmark file; their boxes are of the photographs' points (pt2d): "
        "landmarks/AFW/a_3_pts.mat");
  CHECK(set.import().numbers("left") == Numbers{10.5});
  set.options.landmarks = true;
  CHECK_THAT(set.error(), Contains("left out 1 faces that cannot be read: "
                                   "'landmarks/AFW/a_3_pts.mat': there is no such file"));
}

TEST_CASE("a pose or points of another shape are refused") {
  ImportFolder set(ImportFormat::kAflw2000);
  set.image("a.jpg");
  set.mat("a.mat", {{"Pose_Para", 1, 3, {0, 0, 0}}, {"pt3d_68", 2, 68, matlab_points()}});
  CHECK_THAT(set.error(), Contains("'a.mat': Pose_Para is 1 x 3, not 1 x 7"));
  set.mat("a.mat", {pose_para(0, 0, 0), {"pt3d_68", 2, 21, std::vector<double>(42)}});
  CHECK_THAT(set.error(), Contains("'a.mat': pt3d_68 is 2 x 21, not the x and y of 68 points"));
}

}  // namespace
}  // namespace mobireg
