#include <cmath>

#include "import_folder.h"

namespace mobireg {
namespace {

using Catch::Matchers::Contains;
using Names = std::vector<std::string>;
using Numbers = std::vector<double>;

TEST_CASE("Pointing'04 gives pitch and yaw from the name, and no roll") {
  ImportFolder set(ImportFormat::kPointing04);
  set.options.degrees = true;
  set.image("Person01/person01146-15+30.jpg", 384, 288);
  set.image("Person01/person01200-90+0.jpg", 384, 288);
  set.image("Person12/person12292+60-90.jpg", 384, 288);
  set.image("Front/person01146+0+0.jpg");
  for (const std::string stem :
       {"Person01/person01146-15+30", "Person01/person01200-90+0", "Person12/person12292+60-90"}) {
    set.text(stem + ".txt", "person.jpg\n\nFace\n180\n140\n80\n100\n");
  }
  const DataFrame labels = set.import();
  CHECK(labels.columns() ==
        Names{"filename", "pitch", "yaw", "left", "top", "right", "bottom", "group"});
  CHECK(texts(labels, "filename") == Names{"Person01/person01146-15+30.jpg",
                                           "Person01/person01200-90+0.jpg",
                                           "Person12/person12292+60-90.jpg"});
  CHECK(labels.numbers("pitch") == Numbers{-15, -90, 60});
  CHECK(labels.numbers("yaw") == Numbers{30, 0, -90});
  CHECK(texts(labels, "group") == Names{"01", "01", "12"});
  CHECK(labels.numbers("left")[0] == 140);
  CHECK(labels.numbers("top")[0] == 90);
  CHECK(labels.numbers("right")[0] == 220);
  CHECK(labels.numbers("bottom")[0] == 190);
  CHECK(set.warnings.empty());
}

TEST_CASE("Pointing'04 without face boxes has no box columns") {
  ImportFolder set(ImportFormat::kPointing04);
  set.image("person01146-15+30.jpg", 384, 288);
  set.image("personne01147-15+45.jpg");
  CHECK(set.import().columns() == Names{"filename", "pitch", "yaw", "group"});
  CHECK(set.warnings == Names{"2 images have no .txt file with a face box; no box columns are "
                              "written: person01146-15+30.jpg; personne01147-15+45.jpg"});
}

TEST_CASE("images of Pointing'04 that lack what others have are left out") {
  ImportFolder set(ImportFormat::kPointing04);
  set.image("person01146-15+30.jpg", 384, 288);
  set.text("person01146-15+30.txt", "x.jpg\nFace\n180\n140\n80\n100\n");
  set.image("person01147-15+45.jpg", 384, 288);
  CHECK(set.warning() ==
        "left out 1 faces that cannot be read: 'person01147-15+45.jpg': it has no .txt file with a "
        "face box");
  set.text("person01147-15+45.txt", "x.jpg\nFace\n180\n140\n");
  CHECK_THAT(set.warning(), Contains("'person01147-15+45.txt': ") &&
                                Contains("has 2 numbers where 4 are expected"));
  set.text("person01147-15+45.txt", "x.jpg\nFace\n180\n140\n80\n0\n");
  CHECK_THAT(
      set.warning(),
      Contains("'person01147-15+45.jpg': its face is 80 x 0 pixels in an image of 384 x 288"));
  set.text("person01147-15+45.txt", "x.jpg\n");
  CHECK_THAT(set.warning(), Contains("'person01147-15+45.txt': it has no line 'Face'"));
  std::filesystem::remove(set.path() / "person01147-15+45.jpg");
  set.image("sample.png");
  set.image("person01147-150+45.jpg");
  CHECK(set.warning() ==
        "left out 2 images whose names are not like person01146-15+30.jpg: "
        "person01147-150+45.jpg; sample.png");
}

double correlation(const Numbers& a, const Numbers& b) {
  const auto n = static_cast<double>(a.size());
  double sum_a = 0, sum_b = 0, aa = 0, bb = 0, ab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum_a += a[i];
    sum_b += b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
    ab += a[i] * b[i];
  }
  return (ab - sum_a * sum_b / n) / std::sqrt((aa - sum_a * sum_a / n) * (bb - sum_b * sum_b / n));
}

TEST_CASE("tilt and pan of the real Pointing'04 have the signs of pitch and yaw") {
  const std::filesystem::path folder =
      std::string(MOBIREG_SOURCE_DIR) + "/../shared/data/pointing04";
  if (!std::filesystem::exists(folder / "labels.csv")) {
    WARN("skipped: there is no ../shared/data/pointing04");
    return;
  }
  ImportOptions options;
  options.format = ImportFormat::kPointing04;
  options.folder = folder;
  const DataFrame nominal = import_labels(options);
  const DataFrame fitted = DataFrame::read_csv(folder / "labels.csv");
  // Both are sorted by name.
  REQUIRE(texts(nominal, "filename") == texts(fitted, "filename"));
  CHECK(correlation(nominal.numbers("pitch"), fitted.numbers("pitch")) > 0.94);
  CHECK(correlation(nominal.numbers("yaw"), fitted.numbers("yaw")) > 0.98);
}

}  // namespace
}  // namespace mobireg
