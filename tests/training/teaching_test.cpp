#include "mobireg/training/teaching.h"

#include <torch/types.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "mobireg/core/error.h"
#include "training/teachers.h"

namespace mobireg {
namespace {

/// A network of one or more outputs and a batch of its own images.
struct Lesson {
  RunConfig config;
  Regressor network{nullptr};
  Batch batch;

  explicit Lesson(std::vector<OutputConfig> outputs = {{"yaw", Unit::kRadians}}) {
    torch::manual_seed(7);
    config.model = teacher_model(std::move(outputs));
    network = sensitive_network(config.model);
    const auto columns = static_cast<std::int64_t>(config.model.outputs.size());
    batch.images = images(4);
    batch.targets = torch::randn({4, columns});
    batch.rows = {0, 1, 2, 3};
  }

  static at::Tensor images(std::int64_t count) {
    return torch::randn({count, 3, 32, 32}).contiguous(at::MemoryFormat::ChannelsLast);
  }

  RegressionLoss label_loss() const { return {config.training, config.model}; }

  TaughtPass pass(double epochs = 0, const TeacherAnswers& answers = {}) {
    const Teaching teaching(config, network->backbone()->features(), answers);
    return teaching.pass(network, batch, label_loss(), network, epochs);
  }

  double loss(double epochs = 0) { return pass(epochs).loss.item<double>(); }

  /// The batch's own images as images without labels, plain and moved alike.
  void add_unlabelled(const std::vector<double>& geometry = {1, 0, 0, 0, 1, 0}) {
    Batch unlabelled;
    unlabelled.images = images(3);
    unlabelled.plain_images = unlabelled.images;
    unlabelled.geometry = torch::tensor(geometry, torch::kDouble).view({1, 6}).repeat({3, 1});
    unlabelled.rows = {0, 1, 2};
    batch.unlabelled = std::make_shared<const Batch>(unlabelled);
  }
};

TEST_CASE("without teachers and unlabelled images the loss is that of the labels") {
  Lesson lesson;
  const TaughtPass pass = lesson.pass();
  CHECK(torch::equal(pass.raw, lesson.network->forward(lesson.batch.images)));
  CHECK(torch::equal(pass.loss, lesson.label_loss()(pass.raw, lesson.batch)));
}

TEST_CASE("labels and teachers share the loss by the distillation's weight") {
  Lesson lesson;
  const double of_labels = lesson.loss();
  lesson.batch.teacher_targets = torch::randn({4, 1});
  lesson.config.training.distillation.weight = 1;
  const double of_teachers = lesson.loss();
  lesson.config.training.distillation.weight = 0.3;
  CHECK(lesson.loss() == Approx(0.7 * of_labels + 0.3 * of_teachers));
  CHECK(of_labels != Approx(of_teachers));
}

TEST_CASE("a teacher that says what the labels say changes nothing") {
  Lesson lesson;
  const double of_labels = lesson.loss();
  lesson.batch.teacher_targets = lesson.batch.targets;
  CHECK(lesson.loss() == Approx(of_labels));
}

TEST_CASE("a student whose teacher is itself has no distillation loss in evaluation mode") {
  Lesson lesson;
  lesson.config.training.distillation.weight = 1;
  lesson.batch.teacher_targets = lesson.network->predict(lesson.batch.images).detach();
  CHECK(lesson.loss() == Approx(0).margin(1e-12));
}

TEST_CASE("teachers teach rows whose labels are missing, and rows' weights count") {
  Lesson lesson;
  lesson.config.training.distillation.weight = 0.5;
  lesson.batch.present = torch::zeros({4, 1});
  lesson.batch.teacher_targets = torch::zeros({4, 1});
  const at::Tensor squares = lesson.network->predict(lesson.batch.images).square();
  CHECK(lesson.loss() == Approx(0.5 * squares.mean().item<double>()));
  lesson.batch.weights = torch::tensor({0.0F, 0.0F, 0.0F, 2.0F});
  CHECK(lesson.loss() == Approx(0.5 * 2 * squares[3].item<double>() / 4));
}

TEST_CASE("pooled features are compared through a projection that is learnt") {
  Lesson lesson;
  lesson.config.training.distillation.feature_weight = 2;
  const at::Tensor wanted = torch::randn({9, 5});  // of all rows
  lesson.batch.rows = {8, 0, 3, 4};
  const double of_labels = lesson.loss();
  const Teaching teaching(lesson.config, 256, {{}, wanted, {}});
  const auto parameters = teaching.parameters();
  REQUIRE(parameters.size() == 2);
  CHECK(parameters[0].name == "teaching.projection.weight");
  CHECK(parameters[0].tensor.sizes() == at::IntArrayRef({5, 256}));
  const TaughtPass pass =
      teaching.pass(lesson.network, lesson.batch, lesson.label_loss(), nullptr, 0);
  const at::Tensor rows = wanted.index_select(0, torch::tensor(lesson.batch.rows));
  const at::Tensor given =
      torch::addmm(parameters[1].tensor, lesson.network->features(lesson.batch.images),
                   parameters[0].tensor.t());
  const at::Tensor difference = given - rows;
  CHECK(pass.loss.item<double>() ==
        Approx(of_labels + 2 * difference.square().mean().item<double>()));
  pass.loss.backward();
  const at::Tensor gradient = 2 * 2 * difference.mean(0) / 5;
  CHECK(torch::allclose(parameters[1].tensor.grad(), gradient, 1e-4, 1e-6));
  CHECK(parameters[0].tensor.grad().abs().sum().item<double>() > 0);
}

TEST_CASE("a mirrored image is to have the features of the teacher's mirror image") {
  Lesson lesson;
  lesson.config.training.distillation.feature_weight = 1;
  const at::Tensor plain = torch::randn({4, 5});
  const at::Tensor mirrored = torch::randn({4, 5});
  lesson.batch.geometry =
      torch::tensor({1.0, 0.0, 0.0, 0.0, 1.0, 0.0}, torch::kDouble).repeat({4, 1});
  lesson.batch.geometry[2] = torch::tensor({-1.0, 0.1, 31.0, 0.1, 1.0, 0.0}, torch::kDouble);
  at::Tensor both = plain.clone();
  both[2] = mirrored[2];
  CHECK(torch::equal(lesson.pass(0, {{}, plain, mirrored}).loss,
                     lesson.pass(0, {{}, both, {}}).loss));
}

TEST_CASE("the projection begins as its seed says and is restored from a checkpoint") {
  Lesson lesson;
  const at::Tensor features = torch::randn({4, 5});
  Teaching first(lesson.config, 256, {{}, features, {}});
  const Teaching again(lesson.config, 256, {{}, features, {}});
  CHECK(torch::equal(first.parameters()[0].tensor, again.parameters()[0].tensor));
  lesson.config.seed = 2;
  const Teaching other(lesson.config, 256, {{}, features, {}});
  CHECK(!torch::equal(first.parameters()[0].tensor, other.parameters()[0].tensor));
  first.load_state({{}, other.parameters()}, "x");
  CHECK(torch::equal(first.parameters()[0].tensor, other.parameters()[0].tensor));
  CHECK_THROWS_WITH(first.load_state({{}, {}}, "x"),
                    "x: the tensor teaching.projection.weight is missing or of another shape");
  CHECK(Teaching(lesson.config, 256, {}).parameters().empty());
}

TEST_CASE("a network that is its own mean teacher and sees no other view has no consistency loss") {
  Lesson lesson;
  const double of_labels = lesson.loss();
  lesson.config.training.unlabelled.consistency_weight = 1000;
  lesson.add_unlabelled();
  const TaughtPass pass = lesson.pass(1e9);
  CHECK(pass.raw.size(0) == 4);
  CHECK(pass.loss.item<double>() == Approx(of_labels).epsilon(1e-5));
}

TEST_CASE("the mean teacher's answers follow the geometry of the view") {
  Lesson lesson;
  const double of_labels = lesson.loss();
  lesson.config.training.unlabelled.consistency_weight = 1;
  lesson.add_unlabelled({-1, 0, 31, 0, 1, 0});  // mirrored, but with the same pixels
  // One angle alone does not follow.
  CHECK(lesson.loss(1e9) == Approx(of_labels).epsilon(1e-5));

  Lesson posed({{"pitch", Unit::kRadians}, {"yaw", Unit::kRadians}, {"roll", Unit::kRadians}});
  const double of_pose = posed.loss();
  posed.config.training.unlabelled.consistency_weight = 1;
  posed.add_unlabelled({-1, 0, 31, 0, 1, 0});
  const at::Tensor said = posed.network->predict(posed.batch.unlabelled->images);
  const at::Tensor squares =
      (2 * said.slice(1, 1)).square();  // yaw and roll against their negatives
  CHECK(posed.loss(1e9) == Approx(of_pose + squares.sum().item<double>() / 9).epsilon(1e-4));
  posed.config.augmentation.labels = LabelRule::kAsKeras;
  CHECK(posed.loss(1e9) == Approx(of_pose).epsilon(1e-5));
}

TEST_CASE("no gradient reaches the network through its mean teacher's answer") {
  Lesson lesson;
  lesson.config.training.unlabelled.consistency_weight = 1;
  lesson.config.training.unlabelled.consistency_rampup = 0;
  lesson.batch.present = torch::zeros({4, 1});  // the labels say nothing
  lesson.add_unlabelled();
  for (auto& parameter : lesson.network->parameters()) parameter.mutable_grad() = at::Tensor();
  lesson.pass().loss.backward();  // the two answers are the same, so the gradient is 0
  double sum = 0;
  for (const auto& parameter : lesson.network->parameters()) {
    if (parameter.grad().defined()) sum += parameter.grad().abs().sum().item<double>();
  }
  CHECK(sum == Approx(0).margin(1e-4));
}

TEST_CASE("consistency rises from almost nothing to its weight") {
  Lesson lesson;
  lesson.config.training.unlabelled.consistency_weight = 8;
  lesson.config.training.unlabelled.consistency_rampup = 4;
  const Teaching teaching(lesson.config, 256, {});
  CHECK(teaching.consistency_weight(0) == Approx(8 * std::exp(-5.0)));
  CHECK(teaching.consistency_weight(2) == Approx(8 * std::exp(-1.25)));
  CHECK(teaching.consistency_weight(4) == 8);
  CHECK(teaching.consistency_weight(40) == 8);
  lesson.config.training.unlabelled.consistency_rampup = 0;
  CHECK(Teaching(lesson.config, 256, {}).consistency_weight(0) == 8);
}

}  // namespace
}  // namespace mobireg
