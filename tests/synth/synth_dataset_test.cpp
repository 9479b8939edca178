#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <limits>
#include <opencv2/imgcodecs.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "mobireg/core/error.h"
#include "mobireg/core/file.h"
#include "mobireg/synth/synth.h"
#include "synth/head_renderer.h"
#include "synth/synth_options.h"
#include "temporary_folder.h"

namespace mobireg {
namespace {

namespace fs = std::filesystem;

SynthOptions small(const fs::path& directory) {
  SynthOptions options;
  options.directory = directory;
  options.count = 12;
  options.size = 32;
  options.seed = 3;
  options.threads = 2;
  return options;
}

std::vector<std::string> lines(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> result;
  for (std::string line; std::getline(stream, line);) result.push_back(line);
  return result;
}

TEST_CASE("the data set does not depend on the number of threads, nor a picture on the count") {
  const TemporaryFolder one, three;
  SynthOptions options = small(one.path());
  options.threads = 1;
  write_synth_dataset(options);
  options.directory = three.path();
  options.threads = 3;
  options.count = 8;
  write_synth_dataset(options);
  for (int i = 0; i < 8; ++i) {
    const std::string name = "images/00000" + std::to_string(i) + ".png";
    INFO(name);
    CHECK(read_file(one.path() / name) == read_file(three.path() / name));
  }
  const std::string longer = read_file(one.path() / "headpose.csv");
  const std::string shorter = read_file(three.path() / "headpose.csv");
  CHECK(longer.substr(0, shorter.size()) == shorter);
}

TEST_CASE("the CSV names every picture with the angles it was drawn at, in radians") {
  const TemporaryFolder folder;
  const SynthOptions options = small(folder.path() / "made" / "on demand");
  write_synth_dataset(options);
  const auto rows = lines(read_file(options.directory / "headpose.csv"));
  REQUIRE(rows.size() == 13);
  REQUIRE(rows[0] == "filename,pitch,yaw,roll");
  for (std::size_t i = 0; i < 12; ++i) {
    std::istringstream row(rows[i + 1]);
    std::string name;
    double pitch = 0, yaw = 0, roll = 0;
    char comma = 0;
    std::getline(row, name, ',');
    row >> pitch >> comma >> yaw >> comma >> roll;
    REQUIRE(row);
    const HeadScene scene =
        random_head_scene(pose_limits(options), options.seed, static_cast<std::int64_t>(i));
    CHECK(pitch == Approx(scene.pose.pitch).margin(1e-8));
    CHECK(yaw == Approx(scene.pose.yaw).margin(1e-8));
    CHECK(roll == Approx(scene.pose.roll).margin(1e-8));
    const cv::Mat3b picture = cv::imread((options.directory / name).string());
    REQUIRE(picture.size() == cv::Size(32, 32));
    CHECK(cv::norm(picture, render_head(scene, 32), cv::NORM_INF) == 0);
  }
}

TEST_CASE("the default limits are 60 degrees of yaw and 40 of pitch and roll") {
  const PoseLimits limits = pose_limits(SynthOptions());
  CHECK(limits.yaw == Approx(CV_PI / 3));
  CHECK(limits.pitch == Approx(CV_PI * 2 / 9));
  CHECK(limits.roll == Approx(CV_PI * 2 / 9));
}

TEST_CASE("progress rises to the count") {
  const TemporaryFolder folder;
  std::vector<std::int64_t> told;
  write_synth_dataset(small(folder.path()), [&](std::int64_t done, std::int64_t total) {
    CHECK(total == 12);
    told.push_back(done);
  });
  REQUIRE(!told.empty());
  CHECK(std::is_sorted(told.begin(), told.end()));
  CHECK(told.back() == 12);
}

TEST_CASE("an interrupted data set has no CSV, and can be made again in the same folder") {
  const TemporaryFolder folder;
  const auto interrupt = [](std::int64_t, std::int64_t) { throw std::runtime_error("stop"); };
  REQUIRE_THROWS_WITH(write_synth_dataset(small(folder.path()), interrupt), "stop");
  CHECK(!fs::exists(folder.path() / "headpose.csv"));
  write_synth_dataset(small(folder.path()));
  CHECK(fs::exists(folder.path() / "headpose.csv"));
}

TEST_CASE("each bad option is refused with its name, its value and what is allowed") {
  struct Case {
    void (*spoil)(SynthOptions&);
    const char* message;
  };
  const Case cases[] = {
      {[](SynthOptions& o) { o.directory.clear(); }, "synth: no directory to write to was given"},
      {[](SynthOptions& o) { o.count = 0; }, "synth: count is 0, but must be from 1 to 1000000"},
      {[](SynthOptions& o) { o.size = 8; }, "synth: size is 8, but must be from 16 to 1024"},
      {[](SynthOptions& o) { o.max_yaw = 91; }, "synth: max_yaw is 91, but must be from 0 to 90"},
      {[](SynthOptions& o) { o.max_pitch = -1; },
       "synth: max_pitch is -1, but must be from 0 to 90"},
      {[](SynthOptions& o) { o.max_roll = std::numeric_limits<double>::quiet_NaN(); },
       "synth: max_roll is nan, but must be from 0 to 90"},
      {[](SynthOptions& o) { o.threads = -1; }, "synth: threads is -1, but must be from 0 to 1024"},
  };
  const TemporaryFolder folder;
  for (const Case& bad : cases) {
    SynthOptions options = small(folder.path());
    bad.spoil(options);
    CHECK_THROWS_AS(write_synth_dataset(options), Error);
    CHECK_THROWS_WITH(write_synth_dataset(options), bad.message);
  }
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("a data set is never written over") {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "headpose.csv") << "precious";
  CHECK_THROWS_WITH(write_synth_dataset(small(folder.path())),
                    Catch::StartsWith("synth: '" + (folder.path() / "headpose.csv").string() +
                                      "' already exists; choose another directory"));
  CHECK(read_file(folder.path() / "headpose.csv") == "precious");
}

TEST_CASE("a folder or file that cannot be written is named") {
  const TemporaryFolder folder;
  const auto refuses = [&](const std::string& message) {
    CHECK_THROWS_WITH(write_synth_dataset(small(folder.path())), message);
    CHECK(!fs::exists(folder.path() / "headpose.csv"));
  };
  SECTION("the folder for the pictures") {
    const fs::path images = folder.path() / "images";
    std::ofstream(images) << "a file in its place";
    refuses("synth: cannot make the folder '" + images.string() + "': Not a directory");
  }
  SECTION("a picture") {
    const fs::path picture = folder.path() / "images" / "000003.png";
    fs::create_directories(picture);
    refuses("synth: cannot write the picture '" + picture.string() + "'");
  }
  SECTION("the CSV") {
    const auto remove_folder = [&](std::int64_t done, std::int64_t total) {
      if (done == total) fs::remove_all(folder.path());
    };
    CHECK_THROWS_WITH(write_synth_dataset(small(folder.path()), remove_folder),
                      Catch::Contains("cannot write") && Catch::Contains("headpose.csv"));
  }
}

TEST_CASE("a contact sheet holds the data set's first pictures, row by row") {
  const TemporaryFolder folder;
  const SynthOptions heads = small({});
  ContactSheetOptions sheet = {3, 2, false};
  write_contact_sheet(heads, folder.path() / "sheet.png", sheet);
  const cv::Mat3b table = cv::imread((folder.path() / "sheet.png").string());
  REQUIRE(table.size() == cv::Size(96, 64));
  const cv::Mat3b fourth = render_head(random_head_scene(pose_limits(heads), heads.seed, 3), 32);
  CHECK(cv::norm(table(cv::Rect(0, 32, 32, 32)), fourth, cv::NORM_INF) == 0);
  sheet.draw_axes = true;
  write_contact_sheet(heads, folder.path() / "axes.png", sheet);
  const cv::Mat3b with_axes = cv::imread((folder.path() / "axes.png").string());
  CHECK(cv::norm(table, with_axes, cv::NORM_INF) > 50);
}

TEST_CASE("a bad contact sheet is refused") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "missing" / "sheet.png";
  const SynthOptions heads = small({});
  CHECK_THROWS_WITH(write_contact_sheet(heads, file, {0, 1, false}),
                    "synth: columns is 0, but must be from 1 to 100");
  CHECK_THROWS_WITH(write_contact_sheet(heads, file, {1, 101, false}),
                    "synth: rows is 101, but must be from 1 to 100");
  SynthOptions large = heads;
  large.size = 1024;
  CHECK_THROWS_WITH(write_contact_sheet(large, file, {9, 1, false}),
                    "synth: columns * size is 9216, but must be from 16 to 8192");
  CHECK_THROWS_WITH(write_contact_sheet(large, file, {1, 9, false}),
                    "synth: rows * size is 9216, but must be from 16 to 8192");
  CHECK_THROWS_WITH(write_contact_sheet(heads, file),
                    "synth: cannot write the picture '" + file.string() + "'");
}

}  // namespace
}  // namespace mobireg
