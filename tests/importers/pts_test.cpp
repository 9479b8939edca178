#include <fmt/format.h>

#include "import_folder.h"

namespace mobireg {
namespace {

using Catch::Matchers::Contains;
using Names = std::vector<std::string>;
using Numbers = std::vector<double>;

/// Point i at (1 + i, 10 + i / 2).
std::string pts(int points = 68, const std::string& end = "\n") {
  std::string text = fmt::format("version: 1{0}n_points:  {1}{0}{{{0}", end, points);
  for (int i = 0; i < points; ++i) text += fmt::format("{} {:.3f}{}", 1 + i, 10 + i / 2.0, end);
  return text + "}" + end;
}

TEST_CASE("300-W gives landmarks in units of the image, a box and the photograph") {
  ImportFolder set(ImportFormat::k300wPts);
  set.image("afw/134212_1.jpg", 100, 50);
  set.text("afw/134212_1.pts", pts());
  const DataFrame labels = set.import();
  CHECK(labels.columns().size() == 5 + 136 + 1);
  CHECK(labels.columns()[0] == "filename");
  CHECK(labels.columns()[1] == "left");
  CHECK(labels.columns()[5] == "x0");
  CHECK_FALSE(labels.has_column("pitch"));
  CHECK(labels.numbers("x0") == Numbers{0.005});  // the middle of the first of 100 pixels
  CHECK(labels.numbers("y0") == Numbers{0.19});   // of the tenth of 50
  CHECK(labels.numbers("x67") == Numbers{0.675});
  CHECK(labels.numbers("left") == Numbers{0.5});
  CHECK(labels.numbers("right") == Numbers{67.5});
  CHECK(labels.numbers("top") == Numbers{9.5 - 33.5 / 4});
  CHECK(labels.numbers("bottom") == Numbers{43});
}

TEST_CASE("the image beside a .pts file may be of any kind, lines may end as on Windows") {
  ImportFolder set(ImportFormat::k300wPts);
  const Names images{"a.jpg", "b.png", "c.JPG", "d.bmp"};
  for (const std::string& image : images) {
    set.image(image.substr(0, 1) + (image == "c.JPG" ? ".jpg" : image.substr(1)));
    if (image == "c.JPG") std::filesystem::rename(set.path() / "c.jpg", set.path() / image);
    set.text(image.substr(0, 1) + ".pts", pts(68, "\r\n"));
  }
  CHECK(texts(set.import(), "filename") == images);
}

TEST_CASE("faces of one photograph in 300-W are one group") {
  ImportFolder set(ImportFormat::k300wPts);
  const std::pair<std::string, std::string> kGroups[] = {
      {"01_Indoor/indoor_001", "01_Indoor/indoor_001"},
      {"01_Indoor/indoor_002", "01_Indoor/indoor_002"},
      {"afw/134212_1", "afw/134212"},
      {"afw/134212_2", "afw/134212"},
      {"helen/testset/30427236_1", "helen/testset/30427236"},
      {"ibug/image_003_1", "ibug/image_003"},
      {"ibug/image_092 _01", "ibug/image_092"},
      {"lfpw/testset/image_0001", "lfpw/testset/image_0001"},
      {"lfpw/trainset/image_0001", "lfpw/trainset/image_0001"},
      {"lfpw/trainset/image_0002", "lfpw/trainset/image_0002"}};
  Names expected;
  for (const auto& [stem, group] : kGroups) {
    set.image(stem + ".png");
    set.text(stem + ".pts", pts());
    expected.push_back(group);
  }
  CHECK(texts(set.import(), "group") == expected);
}

TEST_CASE("damaged .pts files are told with the file") {
  ImportFolder set(ImportFormat::k300wPts);
  set.image("a.jpg");
  const auto error_with = [&](const std::string& text) {
    set.text("a.pts", text);
    return set.error();
  };
  CHECK_THAT(error_with("version: 1\n"), Contains("'a.pts': it has no points between { and }"));
  CHECK_THAT(error_with(""), Contains("'a.pts': the file is empty"));
  CHECK_THAT(error_with(std::string((1 << 20) + 1, ' ')),
             Contains("'a.pts': it is larger than 1 MiB"));
  const std::string whole = pts();
  CHECK_THAT(error_with(whole.substr(0, whole.size() - 2)),
             Contains("'a.pts': it has no points between { and }"));
  CHECK_THAT(error_with(pts(51)), Contains("'a.pts': it has 51 points, not 68"));
  std::string bad = whole;
  CHECK_THAT(error_with(bad.replace(bad.find("11.000"), 6, "1e999")), Contains("'a.pts': '1e999'"));
  CHECK_THAT(error_with(bad.replace(bad.find("1e999"), 5, "inf")),
             Contains("'a.pts': 'inf' is not finite"));
}

TEST_CASE("landmarks that cannot be a face's in the image are refused") {
  ImportFolder set(ImportFormat::k300wPts);
  const auto error_of = [&](double x, double y, double step) {
    set.image("a.jpg", 100, 50);
    std::string text = "{\n";
    for (int i = 0; i < 68; ++i) text += fmt::format("{} {}\n", x + i * step, y + i * step);
    set.text("a.pts", text + "}\n");
    return set.error();
  };
  CHECK_THAT(error_of(5, 5, 0), Contains("'a.jpg': its face is 0 x 0 pixels in an image of 100"));
  CHECK_THAT(error_of(5, 5, 1e9), Contains("'a.jpg': its face is 6.7e+10 x 8.375e+10 pixels"));
  const std::string outside = "'a.jpg': its face lies outside the image";
  CHECK_THAT(error_of(101, 5, 0.5), Contains(outside));
  CHECK_THAT(error_of(-40, 5, 0.5), Contains(outside));
  CHECK_THAT(error_of(5, 60, 0.5), Contains(outside));
  CHECK_THAT(error_of(5, -40, 0.5), Contains(outside));
  CHECK(error_of(-30, -30, 0.5) == "no error");
}

}  // namespace
}  // namespace mobireg
