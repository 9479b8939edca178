#include "training/teacher.h"

#include <catch2/catch.hpp>
#include <opencv2/imgcodecs.hpp>

#include "data/labelled_folder.h"
#include "mobireg/core/error.h"
#include "mobireg/deploy/export.h"
#include "training/teacher_answers.h"
#include "training/teachers.h"

namespace mobireg {
namespace {

constexpr float kDegree = 0.017453293F;

ModelConfig pose_student() {
  return teacher_model(
      {{"pitch", Unit::kRadians}, {"yaw", Unit::kRadians}, {"roll", Unit::kRadians}});
}

TEST_CASE("a teacher's outputs come by name, in the student's order and units") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "t.safetensors";
  write_constant_teacher(
      file,
      teacher_model(
          {{"roll", Unit::kRadians}, {"age"}, {"yaw", Unit::kDegrees}, {"pitch", Unit::kDegrees}},
          64),
      {0.3F, 44, 20, 10});
  const Teacher teacher(file, pose_student(), false);
  CHECK(teacher.input().size == 64);
  const std::vector<float> pixels(2 * 3 * 64 * 64, 100.0F);
  const std::vector<float> said = teacher.outputs(pixels, 2);
  REQUIRE(said.size() == 6);
  for (const std::size_t image : {0, 3}) {
    CHECK(said[image] == Approx(10 * kDegree));
    CHECK(said[image + 1] == Approx(20 * kDegree));
    CHECK(said[image + 2] == Approx(0.3));
  }
}

TEST_CASE("teachers that cannot teach a run are refused") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "t.safetensors";
  const auto refusal = [&](const ModelConfig& student, bool features = false) {
    try {
      const Teacher teacher(file, student, features);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  write_constant_teacher(file, teacher_model({{"yaw", Unit::kRadians}, {"size", Unit::kPixels}}),
                         {0, 0});
  CHECK(refusal(teacher_model({{"yaws", Unit::kRadians}})) ==
        file.string() +
            ": a teacher needs every output of the run, and it has no 'yaws' (its nearest is "
            "'yaw')");
  CHECK(refusal(teacher_model({{"size", Unit::kNone}})) ==
        file.string() + ": its 'size' is in 'px', the run's in no unit; they cannot be converted");
  CHECK(refusal(teacher_model({{"yaw", Unit::kDegrees}})).empty());
  write_constant_teacher(file, teacher_model({{"yaw", Unit::kRadians}}), {3e38F});
  const Teacher beyond(file, teacher_model({{"yaw", Unit::kDegrees}}), false);
  CHECK_THROWS_WITH(beyond.outputs(std::vector<float>(3 * 32 * 32), 1),
                    file.string() + ": it says inf of an image; nothing can be learnt from it");
  write_constant_teacher(file, teacher_model({{"yaw", Unit::kRadians}}), {NAN});
  CHECK(refusal(teacher_model({{"yaw", Unit::kRadians}})) ==
        file.string() + ": it gives no numbers for a black image; it is damaged");
}

TEST_CASE("exported files teach outputs, and say that they have no pooled features") {
  const TemporaryFolder folder;
  const auto checkpoint = folder.path() / "t.safetensors";
  const ModelConfig model = pose_student();
  write_sensitive_teacher(checkpoint, model);
  const at::Tensor images = torch::rand({2, 3, 32, 32}) * 255;
  const std::vector<float> pixels(images.data_ptr<float>(),
                                  images.data_ptr<float>() + images.numel());
  const std::vector<float> said = Teacher(checkpoint, model, true).outputs(pixels, 2);
  for (const char* name : {"t.onnx", "t.pt"}) {
    CAPTURE(name);
    const auto file = folder.path() / name;
    export_network(checkpoint, images, {file});
    const std::vector<float> exported = Teacher(file, model, false).outputs(pixels, 2);
    for (std::size_t i = 0; i < said.size(); ++i) {
      CHECK(exported[i] == Approx(said[i]).margin(1e-3));
    }
    CHECK_THROWS_WITH(Teacher(file, model, true),
                      Catch::StartsWith("training.distillation.feature_weight needs teachers that "
                                        "are checkpoints"));
  }
}

TEST_CASE("a teacher's pooled features are its backbone's, whatever its normalisation") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "t.safetensors";
  ModelConfig model = pose_student();
  model.input.mean = {100, 110, 120};
  model.input.scale = {50, 60, 70};
  Regressor network = write_sensitive_teacher(file, model);
  const at::Tensor images = torch::rand({2, 3, 32, 32}) * 255;
  std::vector<float> pixels(images.data_ptr<float>(), images.data_ptr<float>() + images.numel());
  const at::Tensor features = Teacher(file, pose_student(), true).features(pixels, 2);
  const at::Tensor mean = torch::tensor({100.0, 110.0, 120.0}, torch::kFloat).view({1, 3, 1, 1});
  const at::Tensor scale = torch::tensor({50.0, 60.0, 70.0}, torch::kFloat).view({1, 3, 1, 1});
  CHECK(torch::allclose(features, network->features((images - mean) / scale), 1e-4, 1e-5));
}

TEST_CASE("what a teacher says of a crop's coordinates is of the whole image, as labels are") {
  LabelledFolder folder(3, 60);
  write_text(folder.csv_path(),
             "filename,x0,y0,left,top,right,bottom\n"
             "images/0.png,0.1,0.1,10,20,30,40\nimages/1.png,0.1,0.1,0,0,20,10\n"
             "images/2.png,0.1,0.1,30,30,50,60\n");
  folder.model.outputs = {{"x0", Unit::kImage}, {"y0", Unit::kImage}};
  folder.model.heads.clear();
  folder.model = resolve_config(folder.model);
  folder.data.y_col = {"x0", "y0"};
  folder.data.box = {"left", "top", "right", "bottom"};
  folder.data.crop_margin = {0.1, 0.5};
  const auto file = folder.path() / "t.safetensors";
  ModelConfig grey = teacher_model({{"y0", Unit::kImage}, {"x0", Unit::kImage}}, 64);
  grey.input.color_mode = ColorMode::kGrayscale;
  grey.input.mean = {123};
  grey.input.scale = {58};
  write_constant_teacher(file, grey, {0.5F, 0.5F});  // the middle of each crop
  const ImageRegressionDataset rows = folder.open().train;
  const auto answers =
      ask_teachers(load_teachers({file}, folder.model, false), rows, folder.model, {}, 2);
  REQUIRE(answers.targets.sizes() == at::IntArrayRef({3, 2}));
  const at::Tensor middles =
      torch::tensor({20.0, 30.0, 10.0, 5.0, 40.0, 45.0}, torch::kFloat).view({3, 2}) / 60;
  CHECK(torch::allclose(answers.targets, middles, 1e-5, 1e-6));
  CHECK(!answers.features.defined());
}

TEST_CASE("teachers see every row as evaluation shows it to them") {
  LabelledFolder folder(37, 40);  // more than a chunk, of a size that is neither's input
  folder.model.outputs = {{"yaw", Unit::kDegrees}};
  folder.model.heads.clear();
  folder.model = resolve_config(folder.model);
  const auto file = folder.path() / "t.safetensors";
  ModelConfig wide = teacher_model({{"yaw", Unit::kDegrees}}, 64);
  wide.input.interpolation = Interpolation::kArea;
  write_sensitive_teacher(file, wide);
  const ImageRegressionDataset rows = folder.open().train;
  const Teacher teacher(file, folder.model, true);
  const auto answers = ask_teachers({teacher}, rows, folder.model, {true, true}, 3);
  const Predictor predictor = Predictor::load(file);
  for (const std::int64_t i : {0, 31, 32, 36}) {
    const cv::Mat image = cv::imread(rows.file(i).string());
    CHECK(answers.targets[i].item<float>() ==
          Approx(predictor.predict(image).values[0]).margin(1e-5));
  }
  CHECK(answers.features.sizes() == at::IntArrayRef({37, 256}));
  CHECK(answers.mirrored_features.sizes() == at::IntArrayRef({37, 256}));
  CHECK(!torch::allclose(answers.features, answers.mirrored_features, 1e-2, 1e-2));
  const at::Tensor all = torch::cat({answers.features, answers.mirrored_features});
  CHECK(torch::allclose(all.mean(0), torch::zeros({256}), 0, 1e-5));
  const at::Tensor variances = all.square().mean(0);
  CHECK(variances.max().item<double>() < 1.001);
  CHECK(variances.gt(0.999).sum().item<double>() > 200);
}

TEST_CASE(
    "what teachers said is read back bit for bit, and only for the rows they were asked about") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "t.safetensors";
  write_constant_teacher(file, pose_student(), {0, 0, 0});
  const std::vector<Teacher> teachers = load_teachers({file}, pose_student(), false);
  const TeacherAnswers answers{torch::rand({5, 3}), torch::rand({5, 7}), torch::rand({5, 7})};
  const auto kept = folder.path() / "teachers.safetensors";
  write_answers(kept, answers, teachers, "abc");
  const TeacherAnswers read = read_answers(kept, "abc");
  CHECK(torch::equal(read.targets, answers.targets));
  CHECK(torch::equal(read.features, answers.features));
  CHECK(torch::equal(read.mirrored_features, answers.mirrored_features));
  CHECK(read_safetensors_metadata(kept).at("teachers").find(teachers[0].sha256()) !=
        std::string::npos);
  CHECK_THROWS_WITH(read_answers(kept, "abd"),
                    kept.string() +
                        ": the data's rows are not those that the run's teachers were asked about; "
                        "a run goes on with its own data");
}

}  // namespace
}  // namespace mobireg
