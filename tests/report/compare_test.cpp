#include "mobireg/report/compare.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "mobireg/core/error.h"
#include "mobireg/core/file.h"
#include "mobireg/evaluation/evaluate_file.h"
#include "mobireg/training/run.h"
#include "report/flat_config.h"
#include "synthetic_run.h"

namespace mobireg {
namespace {

using Catch::Contains;

constexpr const char* kHeader =
    "epoch,step,learning_rate,loss,mae,mse,pitch_mae,yaw_mae,roll_mae,val_loss,val_mae,val_mse,"
    "val_pitch_mae,val_yaw_mae,val_roll_mae\n";

/// A folder as a run leaves it.
std::filesystem::path write_run(const TemporaryFolder& folder, const std::string& name,
                                RunConfig config = {}) {
  config.run_dir = folder.path() / name;
  config.data.csv = "/data/faces.csv";
  config = resolve_config(config);
  std::filesystem::create_directories(config.run_dir);
  write_file_atomically(config.run_dir / "config.json", to_json(config));
  write_file_atomically(config.run_dir / "metrics.csv",
                        std::string(kHeader) +
                            "1,4,0.001,5,12,200,11,12,13,4,9,100,8,9,10\n"
                            "2,8,0.001,4,10,150,9,10,11,3,7,80,6,7,8\n"
                            "3,12,0.001,3,9,120,8,9,10,3.5,7.5,90,7,7.5,8\n");
  write_file_atomically(config.run_dir / "times.csv",
                        "epoch,images_per_second,batches,steps,validation,report,other\n"
                        "1,100,0,1,0,0,0\n2,300,0,1,0,0,0\n3,310,0,1,0,0,0\n");
  return config.run_dir;
}

TEST_CASE("a run's record has its best epoch, that epoch's errors, and its median speed") {
  const TemporaryFolder folder;
  const RunComparison comparison = compare_runs({write_run(folder, "a")});
  const RunRecord& run = comparison.runs.at(0);
  CHECK(run.name == "a");
  CHECK(run.epochs == 3);
  CHECK(run.best_epoch == 2);
  CHECK(run.validation->mae == 7);
  CHECK(run.validation->outputs == std::vector<double>{6, 7, 8});
  CHECK(!run.test);
  CHECK(run.images_per_second == 300.0);
  CHECK(run.parameters > 3'000'000);
}

TEST_CASE("the table has a line a run, in order") {
  const TemporaryFolder folder;
  const auto a = write_run(folder, "a");
  const auto longer = write_run(folder, "a-longer-name");
  const std::string table = compare_runs({longer, a}).to_string();
  CHECK_THAT(table, Contains("run            epochs  best  val MAE deg  val pitch  val yaw"));
  CHECK_THAT(table, Contains("\na-longer-name    3/30     2        7.000      6.000    7.000"));
  CHECK(table.find("\na ") > table.find("\na-longer-name"));
  CHECK_THAT(table, Contains("Their configs are alike."));
}

TEST_CASE("fields that differ are told by their dotted names, with each value's runs") {
  const TemporaryFolder folder;
  RunConfig huber;
  huber.training.loss = LossKind::kHuber;
  huber.augmentation.brightness_range = {0.8, 1.2};
  const auto comparison =
      compare_runs({write_run(folder, "a"), write_run(folder, "b", huber), write_run(folder, "c")});
  REQUIRE(comparison.differences.size() == 2);
  CHECK(comparison.differences[0].field == "augmentation.brightness_range");
  CHECK(comparison.differences[0].values[1].first == "[0.8,1.2]");
  CHECK(comparison.differences[1].field == "training.loss");
  CHECK_THAT(comparison.to_string(), Contains("training.loss\n  \"mse\": a, c\n  \"huber\": b\n"));
}

TEST_CASE("a field that one config lacks is a difference") {
  const TemporaryFolder folder;
  RunConfig joint;
  joint.model.heads = {{"pose", {"pitch", "yaw", "roll"}}};
  const auto comparison = compare_runs({write_run(folder, "a"), write_run(folder, "b", joint)});
  const auto& differences = comparison.differences;
  const auto found = std::find_if(differences.begin(), differences.end(),
                                  [](const auto& d) { return d.field == "model.heads.2.name"; });
  REQUIRE(found != differences.end());
  CHECK(found->values[1].first == "not there");
}

TEST_CASE("runs are told apart by their paths where folders have one name") {
  const TemporaryFolder folder;
  const auto first = write_run(folder, "x/run"), second = write_run(folder, "y/run");
  const auto comparison = compare_runs({first, second / ""});
  CHECK(comparison.runs[0].name == first.string());
  CHECK(comparison.runs[1].name == second.string());
}

TEST_CASE("a run without an epoch is shown without numbers") {
  const TemporaryFolder folder;
  const auto run = write_run(folder, "a");
  write_file_atomically(run / "metrics.csv", kHeader);
  std::filesystem::remove(run / "times.csv");
  const auto comparison = compare_runs({run, write_run(folder, "b")});
  CHECK(!comparison.runs[0].best_epoch);
  CHECK_THAT(comparison.to_string(), Contains("\na      0/30     \u2013"));
  CHECK_THAT(to_html(comparison), Contains("id=\"curves\""));
}

TEST_CASE("what is no run, or has other outputs, is refused in one line") {
  const TemporaryFolder folder;
  const auto run = write_run(folder, "a");
  CHECK_THROWS_WITH(compare_runs({}), "there are no runs to compare");
  CHECK_THROWS_WITH(compare_runs({run, folder.path()}),
                    folder.path().string() + ": not a run's folder (it has no config.json)");
  RunConfig other;
  other.model.outputs = {{"age"}};
  const auto age = write_run(folder, "age", other);
  CHECK_THROWS_WITH(compare_runs({run, age}),
                    age.string() + ": its outputs are age, those of " + run.string() +
                        " are pitch, yaw, roll; compared are runs of the same outputs and units");
  write_file_atomically(age / "config.json", "{");
  CHECK_THROWS_AS(compare_runs({age}), Error);
}

TEST_CASE("long lists of outputs are cut in messages") {
  const TemporaryFolder folder;
  RunConfig points;
  points.model.outputs = {{"x{0..9}", Unit::kImage}, {"y{0..9}", Unit::kImage}};
  const auto landmarks = write_run(folder, "points", points);
  CHECK_THROWS_WITH(compare_runs({write_run(folder, "a"), landmarks}),
                    Contains("its outputs are x0, x1, x2, x3, x4, x5, ... (20 outputs), those"));
}

TEST_CASE("a page has the runs' curves, and is not written over another file") {
  const TemporaryFolder folder;
  CompareOptions options;
  options.html = folder.path() / "page.html";
  const std::vector<std::filesystem::path> runs{write_run(folder, "<b>a"), write_run(folder, "b")};
  compare_runs(runs, options);
  const std::string html = read_file(options.html);
  CHECK_THAT(html, !Contains("<b>a") && Contains("&lt;b&gt;a"));
  for (const char* title : {"Validation MAE", "Training loss", "Validation MAE of yaw"}) {
    CHECK_THAT(html, Contains("<b>" + std::string(title) + "</b>"));
  }
  CHECK_THROWS_WITH(compare_runs(runs, options),
                    options.html.string() + ": it exists already; --overwrite replaces it");
  options.overwrite = true;
  CHECK_NOTHROW(compare_runs(runs, options));
}

TEST_CASE("test rows are evaluated once, with the best checkpoint, and remembered") {
  SyntheticRun run;
  start_run(run.config);
  CompareOptions options;
  options.threads = 2;
  CHECK(!compare_runs({run.config.run_dir}, options).runs[0].test);
  options.evaluate = true;
  const auto evaluated = compare_runs({run.config.run_dir}, options).runs[0].test;
  REQUIRE(evaluated);
  EvaluateOptions evaluate;
  evaluate.file = run.checkpoint("best");
  evaluate.rows = RowSet::kTest;
  evaluate.threads = 2;
  const Evaluation expected = evaluate_file(evaluate);
  for (std::size_t k = 0; k < 3; ++k) CHECK(evaluated->outputs[k] == expected.outputs[k].mae);
  CHECK(evaluated->mae == Approx(expected.overall.mae));
  std::filesystem::remove_all(run.folder.path() / "heads");  // not read again
  const auto remembered = compare_runs({run.config.run_dir}, options);
  CHECK(remembered.runs[0].test->mae == evaluated->mae);
  CHECK_THAT(remembered.to_string(), Contains("test MAE deg") && Contains("test yaw"));
}

TEST_CASE("test errors of another epoch than the best are not shown") {
  const TemporaryFolder folder;
  const auto run = write_run(folder, "a");
  const std::string errors = ",\"mae\":5,\"outputs\":{\"pitch\":4,\"yaw\":5,\"roll\":6}}";
  write_file_atomically(run / "test.json", "{\"epoch\":1" + errors);
  CHECK(!compare_runs({run}).runs[0].test);
  write_file_atomically(run / "test.json", "{\"epoch\":2" + errors);
  CHECK(compare_runs({run}).runs[0].test->outputs == std::vector<double>{4, 5, 6});
  write_file_atomically(run / "test.json", "{\"epoch\":2}");
  CHECK_THROWS_WITH(
      compare_runs({run}),
      (run / "test.json").string() + ": it is damaged; remove it, and --test makes it again");
}

TEST_CASE("runs without test rows, or without a checkpoint, are not evaluated") {
  const TemporaryFolder folder;
  CompareOptions options;
  options.evaluate = true;
  RunConfig tested;
  tested.data.test = {SplitRule::kFirstFraction, 0.1};
  for (const auto& run : {write_run(folder, "a"), write_run(folder, "b", tested)}) {
    CHECK(!compare_runs({run}, options).runs[0].test);
  }
}

TEST_CASE("lists of plain values are one field, lists of structs are many") {
  RunConfig config;
  config.data.csv = "/data/faces.csv";
  const auto flat = flat_config(resolve_config(config));
  CHECK(flat.at("model.input.mean") == "[123.0,123.0,123.0]");
  CHECK(flat.at("model.outputs.1.name") == "\"yaw\"");
  CHECK(flat.at("training.epochs") == "30");
}

TEST_CASE("only what a config sets is among its chosen fields") {
  RunConfig config;
  config.data.csv = "/data/faces.csv";
  CHECK(chosen_fields(resolve_config(config)).empty());
  config.model.alpha = 0.5;
  config.data.sets.resize(2);
  config.data.sets[0].csv = "/data/a.csv";
  config.data.sets[1].csv = "/data/b.csv";
  config.data.csv.clear();
  const auto chosen = chosen_fields(resolve_config(config));
  REQUIRE(chosen.size() == 1);
  CHECK(chosen.at("model.alpha") == "0.5");
}

}  // namespace
}  // namespace mobireg
