#include <catch2/catch.hpp>
#include <string>

#include "config/config_file.h"
#include "mobireg/core/error.h"

namespace mobireg {
namespace {

const std::string kPose = R"("name": "pose", "outputs": ["pitch", "yaw", "roll"])";

/// A run with one head of pitch, yaw and roll.
RunConfig with_pose_head(const std::string& head, const std::string& training) {
  return config_with(R"({"model": {"heads": [{)" + kPose + head + R"(}]}, "training": {)" +
                     training + "}}");
}

TEST_CASE("a head's form, uncertainty and loss that go together are accepted") {
  const auto [head, training] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"", R"("loss": "wing")"},
      {"", R"("loss": "geodesic")"},
      {R"(, "loss": "geodesic")", R"("loss": "heteroscedastic")"},
      {R"(, "form": "rotation")", ""},
      {R"(, "form": "rotation")", R"("loss": "geodesic")"},
      {R"(, "form": "rotation", "loss": "mse")", R"("loss": "huber")"},
      {R"(, "uncertainty": true)", R"("loss": "heteroscedastic")"},
      {R"(, "uncertainty": true, "loss": "heteroscedastic")", ""},
  }));
  CAPTURE(head, training);
  const RunConfig config = with_pose_head(head, training);
  CHECK(run_config_from_json(to_json(config), "written").model.heads[0].form ==
        config.model.heads[0].form);
}

TEST_CASE("a loss is refused for a head that it is not for, by the field that gave it") {
  const auto [head, training, message] = GENERATE(table<std::string, std::string, std::string>({
      {R"(, "form": "rotation")", R"("loss": "huber")",
       "training.loss: huber is not allowed for the head 'pose' of form rotation; it must be "
       "geodesic or mse"},
      {R"(, "form": "rotation", "loss": "wing")", "",
       "model.heads.loss: wing is not allowed for the head 'pose' of form rotation; it must be "
       "geodesic or mse"},
      {"", R"("loss": "heteroscedastic")",
       "training.loss: heteroscedastic is not allowed for the head 'pose' without uncertainty; it "
       "needs the head's uncertainty"},
      {R"(, "uncertainty": true)", "",
       "training.loss: mse is not allowed for the head 'pose' with uncertainty; it must be "
       "heteroscedastic"},
      {R"(, "uncertainty": true, "loss": "geodesic")", "",
       "model.heads.loss: geodesic is not allowed for the head 'pose' with uncertainty; it must be "
       "heteroscedastic"},
      {R"(, "form": "rotation", "uncertainty": true)", "",
       "model.heads: 'pose' of form rotation has uncertainty, which needs the form values"},
  }));
  CHECK_THROWS_WITH(with_pose_head(head, training), "run.json: " + message);
}

TEST_CASE("rotations and their loss need pitch, yaw and roll in one head") {
  CHECK_THROWS_WITH(config_with(R"({"training": {"loss": "geodesic"}})"),
                    "run.json: training.loss: geodesic is not allowed for the head 'pitch', which "
                    "gives pitch; it needs a head of three outputs, of kind pitch, yaw and roll");
  CHECK_THROWS_WITH(
      config_with(R"({"model": {"outputs": [{"name": "pitch", "unit": "degrees"},
          {"name": "yaw", "unit": "degrees"}, {"name": "size", "unit": "none"}],
          "heads": [{"name": "h", "outputs": ["pitch", "yaw", "size"], "form": "rotation"}]}})"),
      "run.json: model.heads: 'h' of form rotation gives pitch, yaw, size; it must give three "
      "outputs, of kind pitch, yaw and roll");
}

}  // namespace
}  // namespace mobireg
