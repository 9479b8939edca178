#include "mobireg/deploy/predictor.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <thread>

#include "data/labelled_folder.h"
#include "deploy/image_pixels.h"
#include "deploy/lively_network.h"
#include "mobireg/core/error.h"
#include "mobireg/data/standardizer.h"
#include "mobireg/deploy/export.h"
#include "mobireg/deploy/predict_tensor.h"
#include "mobireg/model/weights.h"
#include "network_file.h"

namespace mobireg {
namespace {

/// One network as a checkpoint's weights, as TorchScript, ONNX and ncnn.
struct FourFiles {
  TemporaryFolder folder;
  Regressor network{nullptr};
  std::vector<std::filesystem::path> paths;

  explicit FourFiles(ModelConfig config = {}, bool normalization_inside = true) {
    config.alpha = 0.25;
    config.input.size = 64;
    network = lively_network(resolve_config(config));
    paths = {folder.path() / "w.safetensors", folder.path() / "m.pt", folder.path() / "m.onnx",
             folder.path() / "m.param"};
    save_weights(*network, paths[0]);
    const InputConfig& input = network->config().input;
    for (const std::size_t i : {1, 2, 3}) {
      ExportOptions options;
      options.output = paths[i];
      options.normalization_inside = normalization_inside;
      export_network(paths[0], torch::empty({0, input.channels(), input.size, input.size}),
                     options);
    }
  }

  torch::Tensor expected(const torch::Tensor& pixels) {
    const torch::NoGradGuard no_grad;
    return network(Standardizer(network->config().input).apply(pixels));
  }
};

cv::Mat random_image(int width, int height, int channels = 3) {
  cv::Mat image(height, width, CV_8UC(channels));
  Random random(static_cast<std::uint64_t>(width));
  for (uchar* pixel = image.data; pixel != image.dataend; ++pixel) {
    *pixel = static_cast<uchar>(random.next());
  }
  return image;
}

torch::Tensor values_of(const Prediction& prediction) {
  return torch::tensor(at::ArrayRef<float>(prediction.values));
}

TEST_CASE(
    "checkpoint, TorchScript, ONNX and ncnn give the network's numbers, normalised in or outside") {
  for (const bool inside : {true, false}) {
    for (const bool grey : {false, true}) {
      ModelConfig config;
      config.input.color_mode = grey ? ColorMode::kGrayscale : ColorMode::kRgb;
      config.input.rescale = 0.5;
      FourFiles files(config, inside);
      const InputConfig input = files.network->config().input;
      const cv::Mat image = random_image(100, 80);
      torch::Tensor pixels = torch::empty({1, input.channels(), 64, 64});
      image_pixels(image, nullptr, input, pixels.data_ptr<float>());
      const torch::Tensor expected = files.expected(pixels);
      for (const auto& path : files.paths) {
        CAPTURE(path.extension().string(), inside, grey);
        const Predictor predictor = Predictor::load(path);
        CHECK(torch::allclose(values_of(predictor.predict(image)), expected[0], 1e-4, 1e-4));
        CHECK(torch::allclose(predict_tensor(predictor, pixels), expected, 1e-4, 1e-4));
      }
    }
  }
}

TEST_CASE("what is no mean and scale is done before the network, by a checkpoint and outside") {
  ModelConfig config;
  config.input.samplewise_std_normalization = true;
  FourFiles files(config, false);
  const torch::Tensor pixels = torch::rand({3, 3, 64, 64}) * 255;
  const torch::Tensor expected = files.expected(pixels);
  for (const auto& path : files.paths) {
    CAPTURE(path.extension().string());
    CHECK(torch::allclose(predict_tensor(Predictor::load(path), pixels), expected, 1e-4, 1e-4));
  }
}

TEST_CASE("outputs are found by name, angles in degrees, and a wrong name is told the right one") {
  const TemporaryFolder folder;
  write_pose_file(folder.path() / "m.onnx");
  const Predictor predictor = Predictor::load(folder.path() / "m.onnx");
  const Prediction prediction = predictor.predict(random_image(40, 40));
  REQUIRE(prediction.values.size() == 3);
  CHECK(prediction.value("yaw") == prediction.values[1]);
  CHECK(prediction.degrees("yaw") == Approx(prediction.values[1] * 57.29577951));
  CHECK_THROWS_WITH(prediction.value("yam"),
                    "the network has no output 'yam'; did you mean 'yaw'?");
  CHECK_THROWS_WITH(prediction.value("smile"), "the network has no output 'smile'");
  write_landmark_file(folder.path() / "l.onnx");
  const Prediction points = Predictor::load(folder.path() / "l.onnx").predict(random_image(40, 40));
  CHECK(points.value("y0") == points.values[68]);
  CHECK_THROWS_WITH(points.degrees("y0"), "the output 'y0' is no angle");
}

TEST_CASE("a face is the square about its box with the middle of training's margins") {
  const TemporaryFolder folder;
  const ModelCard card = write_pose_file(folder.path() / "m.onnx");
  REQUIRE(card.crop_margin() == Approx(0.25));
  const Predictor predictor = Predictor::load(folder.path() / "m.onnx");
  const cv::Mat image = random_image(90, 80);
  const Prediction face = predictor.predict(image, FaceBox{30, 20, 62, 44});
  CHECK(face.seen.x0 == 22);
  CHECK(face.seen.y0 == 8);
  CHECK(face.seen.x1 == 70);
  CHECK(face.seen.y1 == 56);
  const cv::Mat crop = image(cv::Rect(22, 8, 48, 48));
  CHECK(face.values == predictor.predict(crop).values);
  CHECK(predictor.predict(image).seen.x1 == 90);
  CHECK_THROWS_WITH(predictor.predict(image, FaceBox{5, 5, 5, 5}), Catch::Contains("is no box"));
  CHECK_THROWS_WITH(predictor.predict(cv::Mat()), "the image is empty");
}

TEST_CASE("many images and faces at once are each as alone") {
  FourFiles files;
  std::vector<cv::Mat> images;
  for (int i = 0; i < 70; ++i) images.push_back(random_image(30 + i, 40, i % 2 == 0 ? 3 : 1));
  const std::vector<FaceBox> faces{{0, 0, 20, 20}, {5, 5, 30, 38}, {-8, 2, 9, 9}};
  for (const auto& path : files.paths) {
    CAPTURE(path.extension().string());
    const Predictor predictor = Predictor::load(path);
    const std::vector<Prediction> all = predictor.predict_images(images);
    REQUIRE(all.size() == 70);
    for (const std::size_t i : {0, 1, 63, 64, 69}) {
      CHECK(
          torch::allclose(values_of(all[i]), values_of(predictor.predict(images[i])), 1e-5, 1e-5));
    }
    const std::vector<Prediction> of_faces = predictor.predict_faces(images[9], faces);
    REQUIRE(of_faces.size() == 3);
    CHECK(torch::allclose(values_of(of_faces[2]), values_of(predictor.predict(images[9], faces[2])),
                          1e-5, 1e-5));
    CHECK(predictor.predict_images({}).empty());
    CHECK(predictor.predict_faces(images[0], {}).empty());
  }
}

TEST_CASE("several threads get the numbers that one gets") {
  FourFiles files;
  const torch::Tensor pixels = torch::rand({12, 3, 64, 64}) * 255;
  for (const auto& path : files.paths) {
    CAPTURE(path.extension().string());
    const Predictor predictor = Predictor::load(path);
    const torch::Tensor expected = predict_tensor(predictor, pixels);
    torch::Tensor found = torch::zeros_like(expected);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int repeat = 0; repeat < 5; ++repeat) {
          for (int i = t; i < 12; i += 4) {
            predictor.predict(pixels[i].data_ptr<float>(), 1, found[i].data_ptr<float>());
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(torch::allclose(found, expected, 1e-5, 1e-5));
  }
}

TEST_CASE("tensors of another shape are refused") {
  const TemporaryFolder folder;
  write_pose_file(folder.path() / "m.onnx");
  const Predictor predictor = Predictor::load(folder.path() / "m.onnx");
  CHECK_THROWS_WITH(predict_tensor(predictor, torch::zeros({2, 3, 64, 64})),
                    "images of shape [2, 3, 64, 64]; [N, 3, 32, 32] is needed");
  CHECK(predict_tensor(predictor, torch::zeros({0, 3, 32, 32})).sizes() == at::IntArrayRef({0, 3}));
}

TEST_CASE("files of other kinds are refused in one line that names them") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "f";
  write_pose_file(path);
  const std::string bytes = read_file(path);
  write_file_atomically(path, bytes.substr(0, bytes.size() / 2));
  CHECK_THROWS_WITH(Predictor::load(path),
                    path.string() + ": not a usable ONNX file; it is damaged or of another kind");
  write_file_atomically(path, "text, and nothing but text");
  CHECK_THROWS_WITH(Predictor::load(path), Catch::StartsWith(path.string() + ": "));
  CHECK_THROWS_WITH(Predictor::load(folder.path() / "none"), Catch::Contains("cannot be read"));
  CHECK_THROWS_WITH(Predictor::load(folder.path()), Catch::Contains("cannot be read"));
}

TEST_CASE("a file whose weights are no numbers is refused") {
  FourFiles files;
  for (const std::size_t i : {1, 2}) {
    std::string bytes = read_file(files.paths[i]);
    bytes.replace(bytes.size() / 2, 400, 400, '\xff');
    write_file_atomically(files.paths[i], bytes);
    CHECK_THROWS_WITH(
        Predictor::load(files.paths[i]),
        Catch::StartsWith(files.paths[i].string() + ": ") &&
            (Catch::EndsWith(": it gives no numbers for a black image; it is damaged") ||
             Catch::EndsWith(" has a value that is no number")));
  }
}

TEST_CASE("an ncnn file whose parts are missing or of another file is refused by name") {
  FourFiles files;
  const auto& param = files.paths[3];
  const auto beside = [&](const char* suffix) {
    return std::filesystem::path(param).replace_extension(suffix);
  };
  const std::string bin = read_file(beside(".bin"));
  write_file_atomically(beside(".bin"), bin.substr(0, bin.size() / 2));
  CHECK_THROWS_WITH(Predictor::load(param),
                    Catch::StartsWith(param.string() + ": the .bin file ends within "));
  for (const char* suffix : {".bin", ".json"}) {
    std::filesystem::remove(beside(suffix));
    CHECK_THROWS_WITH(Predictor::load(param), Catch::StartsWith("cannot read '") &&
                                                  Catch::Contains(beside(suffix).string()));
  }
}

TEST_CASE("int8 ONNX files run as well") {
  const TemporaryFolder folder;
  Network network = hashed_network();
  ModelCard card = hashed_card({}, network);
  const torch::Tensor pixels = torch::rand({2, 3, 64, 64}) * 255;
  write_file_atomically(folder.path() / "float.onnx", to_onnx(network, card));
  round_to_int8(network);
  card.precision = Precision::kInt8;
  write_file_atomically(folder.path() / "int8.onnx", to_onnx(network, card));
  const torch::Tensor expected =
      predict_tensor(Predictor::load(folder.path() / "float.onnx"), pixels);
  const torch::Tensor found = predict_tensor(Predictor::load(folder.path() / "int8.onnx"), pixels);
  CHECK_FALSE(torch::equal(found, expected));
  CHECK((found - expected).abs().max().item<float>() < 0.5);
}

}  // namespace
}  // namespace mobireg
