#include "training/pseudo_labels.h"

#include <catch2/catch.hpp>
#include <opencv2/imgcodecs.hpp>

#include "data/labelled_folder.h"
#include "data/unlabelled_images.h"
#include "mobireg/core/error.h"
#include "training/teachers.h"

namespace mobireg {
namespace {

/// Two images of random pixels and two of one colour, and what is said of them.
struct UnlabelledFaces {
  TemporaryFolder folder;
  RunConfig config;
  std::vector<std::string> warnings;

  explicit UnlabelledFaces(std::vector<OutputConfig> outputs) {
    for (int i = 0; i < 2; ++i) {
      const std::string number = std::to_string(i);
      write_random_image(path() / "faces" / ("noise" + number + ".png"), 40, 30,
                         static_cast<std::uint64_t>(i));
      cv::imwrite((path() / "faces" / ("plain" + number + ".png")).string(),
                  cv::Mat(30, 40, CV_8UC3, cv::Scalar(50, 100 + 50 * i, 150)));
    }
    config.model = teacher_model(std::move(outputs));
    config.training.unlabelled.folders = {path() / "faces"};
    config.training.unlabelled.agreement = 1e-4;
  }

  std::filesystem::path path() const { return folder.path(); }
  std::filesystem::path teacher(const std::string& name = "t") const {
    return path() / (name + ".safetensors");
  }

  PseudoLabels make(const std::vector<std::filesystem::path>& teachers) {
    const WarningCallback warn = [this](const std::string& text) { warnings.push_back(text); };
    DataConfig data;
    data.mode = ImageMode::kStream;
    const auto images =
        open_unlabelled(config.training.unlabelled.folders, data, config.model, 2, warn);
    return make_pseudo_labels(load_teachers(teachers, config.model, false), images, config, 2,
                              warn);
  }
};

std::vector<OutputConfig> age() {
  std::vector<OutputConfig> outputs{{"age"}};
  outputs[0].mirror = Mirror::kKeep;
  return outputs;
}

std::vector<OutputConfig> pose() {
  return {{"pitch", Unit::kDegrees}, {"yaw", Unit::kDegrees}, {"roll", Unit::kDegrees}};
}

TEST_CASE("images on which a teacher disagrees with itself are dropped") {
  UnlabelledFaces faces(age());
  Regressor network = write_sensitive_teacher(faces.teacher(), faces.config.model);
  const PseudoLabels labels = faces.make({faces.teacher()});
  CHECK(labels.images == 4);
  CHECK(labels.kept == 2);  // mirrored or turned, those of one colour are the same
  CHECK(labels.views == "plain, mirrored, turned by +10, turned by -10");
  const DataFrame table = DataFrame::from_string(labels.csv);
  CHECK(table.strings("filename")[0] == "plain0.png");
  CHECK(table.strings("filename")[1] == "plain1.png");
  const Predictor predictor = Predictor::load(faces.teacher());
  for (std::size_t i = 0; i < 2; ++i) {
    const cv::Mat image =
        cv::imread((faces.path() / "faces" / table.strings("filename")[i]).string());
    CHECK(table.numbers("age")[i] == Approx(predictor.predict(image).values[0]).epsilon(1e-4));
    CHECK(table.numbers("spread")[i] < 1e-4);
  }
  faces.config.training.unlabelled.agreement = 1e6;
  CHECK(faces.make({faces.teacher()}).kept == 4);
}

TEST_CASE("what is said of a view is taken back to the plain image before it is compared") {
  UnlabelledFaces faces(pose());
  write_constant_teacher(faces.teacher(), faces.config.model, {0, 20, 0});
  // Of the mirror image, 20 degrees mean -20 of the plain one; of turned ones, another roll.
  CHECK_THROWS_WITH(faces.make({faces.teacher()}),
                    Catch::StartsWith("training.unlabelled.agreement: on none of 4 images do the "
                                      "teachers agree to 0.0001; the least standard deviation is"));
  faces.config.training.unlabelled.agreement = 20;
  const PseudoLabels labels = faces.make({faces.teacher()});
  const DataFrame table = DataFrame::from_string(labels.csv);
  // Yaws of about 20, -20, 20 and 20: mean 10, standard deviation 17.3.
  CHECK(table.numbers("yaw")[0] == Approx(10).margin(0.7));
  CHECK(table.numbers("spread")[0] == Approx(17.3).margin(0.7));
}

TEST_CASE("points are taken back by the mirror map and the turn") {
  UnlabelledFaces faces({{"x{0..1}", Unit::kImage}, {"y{0..1}", Unit::kImage}});
  faces.config.model.mirror_map = {1, 0};
  write_constant_teacher(faces.teacher(), faces.config.model, {0.3F, 0.7F, 0.5F, 0.5F});
  faces.config.training.unlabelled.agreement = 0.1;
  const DataFrame table = DataFrame::from_string(faces.make({faces.teacher()}).csv);
  // Mirrored, the two points are the same two points; turned by +-10 degrees they move by
  // 0.2 sin 10 up and down: 0.0347 twice and 0 twice.
  CHECK(table.numbers("x0")[0] == Approx(0.3 + 0.1 * (1 - 0.98481)).margin(1e-4));
  CHECK(table.numbers("y0")[0] == Approx(0.5).margin(1e-4));
  CHECK(table.numbers("spread")[0] == Approx(0.2 * 0.173648 / std::sqrt(2.0)).margin(1e-4));
}

TEST_CASE("teachers that disagree with each other count as one that disagrees with itself") {
  UnlabelledFaces faces(age());
  write_constant_teacher(faces.teacher("a"), faces.config.model, {30});
  write_constant_teacher(faces.teacher("b"), teacher_model(age(), 64), {34});
  faces.config.training.unlabelled.agreement = 1.9;
  CHECK_THROWS_AS(faces.make({faces.teacher("a"), faces.teacher("b")}), Error);
  faces.config.training.unlabelled.agreement = 2.1;
  const PseudoLabels labels = faces.make({faces.teacher("a"), faces.teacher("b")});
  CHECK(labels.kept == 4);
  CHECK(DataFrame::from_string(labels.csv).numbers("age")[0] == Approx(32));
}

TEST_CASE("one teacher in one view is no agreement") {
  UnlabelledFaces faces({{"pitch", Unit::kDegrees}});
  write_constant_teacher(faces.teacher(), faces.config.model, {5});
  CHECK_THROWS_WITH(faces.make({faces.teacher()}),
                    "training.unlabelled.pseudo_labels: the outputs follow neither mirroring nor "
                    "rotation (their kinds, mirror rules or model.mirror_map do not say how), so "
                    "one teacher always agrees with itself");
  CHECK(faces.make({faces.teacher(), faces.teacher()}).views == "plain");
}

TEST_CASE("pseudo-labelled rows become training rows of their own weight") {
  UnlabelledFaces faces(age());
  LabelledFolder labelled(6);
  labelled.model = faces.config.model;
  labelled.data.y_col = {"angle"};
  labelled.data.validation = {SplitRule::kFirstFraction, 0.34};
  write_constant_teacher(faces.teacher(), faces.config.model, {30});
  faces.config.training.unlabelled.weight = 0.25;
  const PseudoLabels labels = faces.make({faces.teacher()});
  const auto csv = faces.path() / "pseudo_labels.csv";
  const Datasets sets = open_datasets(labelled.data, labelled.model, 1, {},
                                      {pseudo_labelled_rows(labels.csv, csv, faces.config)});
  CHECK(sets.validation.size() == 2);
  REQUIRE(sets.train.size() == 4 + 4);
  const DatasetRow& first = sets.train.row(4);
  CHECK(first.filename == "noise0.png");
  CHECK(first.weight == 0.25F);
  CHECK(first.set == 1);
  CHECK(first.targets[0] == 30);
  CHECK(first.where() == csv.string() + ":2");
  CHECK(sets.train.row(0).weight == 1);
}

TEST_CASE("images without labels are found in all folders, and bad ones are told and left out") {
  UnlabelledFaces faces(age());
  write_random_image(faces.path() / "more/deep/a.jpg", 20, 20, 1);
  write_text(faces.path() / "more/broken.png", "no image");
  write_text(faces.path() / "more/notes.txt", "no image either");
  std::vector<std::string> warnings;
  const auto images = open_unlabelled(
      {faces.path() / "faces", faces.path() / "more", faces.path() / "more/deep"}, {},
      faces.config.model, 2, [&](const std::string& text) { warnings.push_back(text); });
  REQUIRE(images.size() == 5);
  CHECK(images.row(0).filename == "faces/noise0.png");
  CHECK(images.row(4).filename == "more/deep/a.jpg");
  CHECK(std::isnan(images.row(4).targets.at(0)));
  CHECK(images.row(4).where() == (faces.path() / "more/deep/a.jpg").string());
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].find("more/broken.png") != std::string::npos);
  std::filesystem::create_directory(faces.path() / "none");
  CHECK_THROWS_WITH(
      open_unlabelled({faces.path() / "none"}, {}, faces.config.model, 1, {}),
      (faces.path() / "none").string() + ": there is no JPEG, PNG, BMP or PNM image in it");
  CHECK_THROWS_WITH(
      open_unlabelled({faces.path() / "nowhere"}, {}, faces.config.model, 1, {}),
      Catch::StartsWith((faces.path() / "nowhere").string() + ": the folder cannot be read"));
}

}  // namespace
}  // namespace mobireg
