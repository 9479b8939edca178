#include <fmt/format.h>

#include <cmath>

#include "import_folder.h"
#include "mobireg/core/rotation.h"

namespace mobireg {
namespace {

using Catch::Matchers::Contains;
using Names = std::vector<std::string>;

// As the set's own files are laid out.
const char* const kCalibration =
    "500 0 320 \n0 500 240 \n0 0 1 \n\n0 0 0 0 \n\n"
    "1 0 0 \n0 1 0 \n0 0 1 \n\n-25 5 -10 \n\n640 480\n";

const Rotation kIdentity{1, 0, 0, 0, 1, 0, 0, 0, 1};

std::string pose_text(const Rotation& r, const std::string& centre = "25 -5 1010") {
  return fmt::format("{:.9f} {:.9f} {:.9f} \n{:.9f} {:.9f} {:.9f} \n{:.9f} {:.9f} {:.9f} \n\n{} \n",
                     r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], centre);
}

void add_frame(const ImportFolder& set, const std::string& frame, const std::string& pose) {
  set.image(frame + "_rgb.png", 640, 480);
  set.text(frame + "_pose.txt", pose);
  set.text(frame.substr(0, frame.find('/')) + "/rgb.cal", kCalibration);
}

Pose imported(const std::string& pose) {
  ImportFolder set(ImportFormat::kBiwi);
  add_frame(set, "01/frame_00003", pose);
  const DataFrame labels = set.import();
  return {labels.numbers("pitch")[0], labels.numbers("yaw")[0], labels.numbers("roll")[0]};
}

/// Labels have six digits.
void check_equal(const Pose& a, const Pose& b) {
  CHECK(a.pitch == Approx(b.pitch).margin(1e-6));
  CHECK(a.yaw == Approx(b.yaw).margin(1e-6));
  CHECK(a.roll == Approx(b.roll).margin(1e-6));
}

TEST_CASE("in BIWI a head that looks straight into the camera has the identity matrix") {
  check_equal(imported(pose_text(kIdentity)), {0, 0, 0});
}

TEST_CASE("BIWI's matrices turn about x to the right, y down and z away from the camera") {
  const double c = std::cos(0.3), s = std::sin(0.3);
  // The nose, at -z of the head, goes to -column 3.
  check_equal(imported(pose_text({c, 0, s, 0, 1, 0, -s, 0, c})), {0, 0.3, 0});  // to the left
  check_equal(imported(pose_text({1, 0, 0, 0, c, s, 0, -s, c})), {0.3, 0, 0});  // up
  // The head's right side, at x, goes to column 1.
  check_equal(imported(pose_text({c, -s, 0, s, c, 0, 0, 0, 1})), {0, 0, 0.3});  // down: clockwise
}

TEST_CASE("a BIWI matrix gives the angles of FSA-Net's conversion") {
  for (int i = 0; i < 20; ++i) {
    const Rotation r = rotation_from_pose({0.1 * i - 1, 1.2 - 0.11 * i, 0.7 - 0.08 * i});
    // After TYY_create_db_biwi.py, which transposes first.
    const Pose expected{std::atan2(r[5], r[8]), -std::atan2(-r[2], std::hypot(r[5], r[8])),
                        -std::atan2(r[1], r[0])};
    check_equal(imported(pose_text(r)), expected);
  }
}

TEST_CASE("a frame of BIWI as it is published is read") {
  // The first frame of sequence 12.
  const Pose pose = imported(
      "0.980639 0.109899 0.162077 \n-0.11023 0.993882 -0.00697376 \n-0.161851 -0.011027 "
      "0.986754 \n\n43.4019 -30.7038 906.864 \n");
  check_equal(pose, {-0.007067, 0.162795, -0.111603});
}

TEST_CASE("BIWI's box is 200 mm about the head's centre, seen by the colour camera") {
  ImportFolder set(ImportFormat::kBiwi);
  // (25, -5, 1010) is (0, 0, 1000) to the colour camera.
  add_frame(set, "01/frame_00003", pose_text(kIdentity));
  add_frame(set, "01/frame_00004", pose_text(kIdentity, "225 95 1010"));
  const DataFrame labels = set.import();
  CHECK(labels.columns() ==
        Names{"filename", "pitch", "yaw", "roll", "left", "top", "right", "bottom", "group"});
  CHECK(labels.numbers("left") == std::vector<double>{270.5, 370.5});
  CHECK(labels.numbers("top") == std::vector<double>{190.5, 240.5});
  CHECK(labels.numbers("right") == std::vector<double>{370.5, 470.5});
  CHECK(labels.numbers("bottom") == std::vector<double>{290.5, 340.5});
}

TEST_CASE("the colour camera's turn against the depth camera moves BIWI's box, not the pose") {
  ImportFolder set(ImportFormat::kBiwi);
  add_frame(set, "01/frame_00003", pose_text(kIdentity, "0 0 1000"));
  set.text("01/rgb.cal",
           "500 0 320\n0 500 240\n0 0 1\n\n0 0 0 0\n\n0.8 0 0.6\n0 1 0\n-0.6 0 0.8\n\n"
           "0 0 0\n\n640 480\n");
  const DataFrame labels = set.import();
  // The centre is at (600, 0, 800).
  CHECK(labels.numbers("left")[0] == Approx(320.5 + 375 - 62.5));
  CHECK(labels.numbers("yaw")[0] == 0);
}

TEST_CASE("sequences of one person in BIWI are one group") {
  ImportFolder set(ImportFormat::kBiwi);
  for (const std::string sequence : {"02", "03", "05", "07", "15", "18", "20", "21", "22"}) {
    add_frame(set, sequence + "/frame_00003", pose_text(kIdentity));
  }
  const DataFrame labels = set.import();
  CHECK(texts(labels, "group") == Names{"02", "03", "05", "07", "03", "05", "20", "02", "07"});
  CHECK(texts(labels, "filename")[4] == "15/frame_00003_rgb.png");
}

TEST_CASE("damaged poses and calibrations of BIWI are told with the file") {
  ImportFolder set(ImportFormat::kBiwi);
  const auto error_with = [&](const std::string& pose) {
    add_frame(set, "01/frame_00003", pose);
    return set.error();
  };
  const std::string file = "'01/frame_00003_pose.txt': ";
  CHECK_THAT(error_with(""), Contains(file + "the file is empty"));
  CHECK_THAT(error_with("1 0 0\n0 1 0\n"), Contains(file + "it has 2 lines, fewer than 4"));
  CHECK_THAT(error_with("1 0 0\n0 1 x\n0 0 1\n0 0 9\n"), Contains(file + "'x' is no number"));
  CHECK_THAT(error_with("1 0 0\n0 1 nan\n0 0 1\n0 0 9\n"), Contains(file + "'nan' is not finite"));
  CHECK_THAT(error_with("1 0 0\n0 1\n0 0 1\n0 0 9\n"),
             Contains(file + "'0 1' has 2 numbers where 3 are expected"));
  CHECK_THAT(error_with(pose_text({1, 0, 0, 0, 1, 0, 0, 0, 1.01})),
             Contains(file + "its first three lines are no rotation matrix"));
  CHECK_THAT(error_with(pose_text({1, 0, 0, 0, 1, 0, 0, 0, -1})),
             Contains(file + "its first three lines are no rotation matrix"));
  CHECK_THAT(error_with(pose_text(kIdentity, "0 0 -5")),
             Contains(file + "the head is not before the camera: z is -5 mm"));

  add_frame(set, "01/frame_00003", pose_text(kIdentity));
  set.text("01/rgb.cal", "500 0 320\n");
  CHECK_THAT(set.error(), Contains("'01/rgb.cal': it has 1 lines, fewer than 8"));
  const std::string calibration = kCalibration;
  const auto error_of_calibration = [&](const std::string& from, const std::string& to) {
    std::string text = calibration;
    set.text("01/rgb.cal", text.replace(text.find(from), from.size(), to));
    return set.error();
  };
  CHECK_THAT(error_of_calibration("500 0 320", "0 0 320"),
             Contains("'01/rgb.cal': its focal lengths are 0 and 500 pixels"));
  CHECK_THAT(error_of_calibration("1 0 0 \n0 1 0", "1 0 0 \n0 2 0"),
             Contains("'01/rgb.cal': its lines 5 to 7 are no rotation matrix"));
  CHECK_THAT(error_of_calibration("-10", "-1010"),
             Contains("'01/rgb.cal': the head is not before the colour camera: z is 0 mm"));
  std::filesystem::remove(set.path() / "01/rgb.cal");
  CHECK_THAT(set.error(), Contains("'01/rgb.cal': there is no such file"));
}

}  // namespace
}  // namespace mobireg
