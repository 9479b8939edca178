// report.html as a page: what is on it, and what is not.

#include "report/report_page.h"

#include <torch/types.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <regex>

#include "mobireg/core/file.h"
#include "report/error_figures.h"
#include "synthetic_run.h"

namespace mobireg {
namespace {

using Catch::Contains;

constexpr const char* kMetrics =
    "epoch,step,learning_rate,loss,mae,mse,val_loss,val_mae,val_mse,val_yaw_mae\n"
    "1,4,0.001,5,12,200,4,9,100,8\n2,8,0.001,4,10,150,3,7,80,6\n3,12,0.001,3,9,120,3.5,7.5,90,7\n";

/// A run of three epochs, as a page sees it.
struct ShownRun {
  SyntheticRun run{3};
  Datasets datasets = open_datasets(run.config.data, run.config.model, 2);
  ReportState state{run.config, datasets, run.folder.path() / "<b>run's", 2, 1234567};

  ShownRun() {
    const auto file = run.folder.path() / "metrics.csv";
    write_file_atomically(file, kMetrics);
    state.history = RunHistory::read(file);
    state.times = {{1, 310, 0.5, 8, 1, 0, 0.5}, {2, 330, 0.5, 8, 1, 0.25, 0.25}};
    state.judged = {2, true, judged_rows()};
    state.augmented = augmented_section(datasets.train, run.config);
  }

  JudgedRows judged_rows() const {
    JudgedRows judged;
    std::vector<at::Tensor> targets;
    for (std::int64_t i = 0; i < datasets.validation.size(); ++i) {
      judged.rows.push_back(i);
      targets.push_back(torch::tensor(datasets.validation.input_targets(i)));
    }
    judged.targets = torch::stack(targets);
    judged.outputs = judged.targets + 0.1;
    return judged;
  }
};

TEST_CASE("a report has all its sections, and links to them") {
  const ShownRun shown;
  const std::string html = report_page(shown.state);
  for (const char* id : {"curves", "errors", "worst", "samples", "times", "config", "again"}) {
    CAPTURE(id);
    CHECK_THAT(html, Contains("<h2 id=\"" + std::string(id) + "\">"));
    CHECK_THAT(html, Contains("<a href=\"#" + std::string(id) + "\">"));
  }
  for (const char* figure : {"Loss", "MAE", "Learning rate", "Training speed"}) {
    CHECK_THAT(html, Contains("<b>" + std::string(figure) + "</b>"));
  }
  for (const char* output : {"pitch", "yaw", "roll"}) {
    CHECK_THAT(html, Contains("<b>" + std::string(output) + "</b> error by the true value"));
    CHECK_THAT(html, Contains("<b>true " + std::string(output) + "</b> across"));
    CHECK_THAT(html, Contains("<b>Errors of " + std::string(output) + "</b>"));
  }
  CHECK_THAT(html, Contains("best validation MAE, epoch 2") && Contains("3 of 3"));
  CHECK_THAT(html, Contains("1,234,567"));
}

TEST_CASE("a report needs nothing from elsewhere, and has no markup from names") {
  const ShownRun shown;
  const std::string html = report_page(shown.state);
  CHECK_THAT(html, !Contains("<b>run's") && Contains("&lt;b&gt;run&#39;s"));
  CHECK_THAT(html, Contains("default-src 'none'") && !Contains("<script"));
  const std::regex reference("(src|href)=\"([^\"]*)");
  for (std::sregex_iterator match(html.begin(), html.end(), reference), end; match != end;
       ++match) {
    const std::string target = (*match)[2];
    CHECK((target[0] == '#' || target.compare(0, 16, "data:image/jpeg;") == 0));
  }
}

TEST_CASE("the worst faces name their image, CSV and line, with both poses drawn") {
  ShownRun shown;
  shown.state.judged.judged.outputs[3] += 0.5;  // radians, of each angle
  const std::string html =
      worst_section(shown.state.judged, shown.datasets.validation, shown.run.config.model.outputs);
  const DatasetRow& row = shown.datasets.validation.row(3);
  const auto first = html.find("<div class=\"cell\">");
  const std::string cell = html.substr(first, html.find("<div class=\"cell\">", first + 1) - first);
  CHECK_THAT(cell, Contains(row.filename) && Contains("headpose.csv:" + std::to_string(row.line)));
  CHECK_THAT(cell, Contains("off by 34.4\u00b0"));
  CHECK_THAT(cell, Contains("class=\"az truth\"") && Contains("class=\"az\""));
  CHECK_THAT(cell, Contains("data:image/jpeg;base64,"));
}

TEST_CASE("a face whose image is gone is left out") {
  ShownRun shown;
  DataConfig data = shown.run.config.data;
  data.mode = ImageMode::kStream;
  const Datasets sets = open_datasets(data, shown.run.config.model, 2);
  const auto section = [&] {
    return worst_section(shown.state.judged, sets.validation, shown.run.config.model.outputs);
  };
  const std::string& filename = sets.validation.row(0).filename;
  CHECK_THAT(section(), Contains(filename));
  std::filesystem::remove(shown.run.folder.path() / "heads" / filename);
  CHECK_THAT(section(), !Contains(filename));
}

TEST_CASE("before the first epoch a report has the samples and the config") {
  ShownRun shown;
  ReportState fresh{shown.run.config, shown.datasets, shown.run.config.run_dir, 2, 10};
  fresh.augmented = shown.state.augmented;
  const std::string html = report_page(fresh);
  CHECK_THAT(html, Contains("0 of 3") && Contains("id=\"samples\"") && Contains("id=\"config\""));
  for (const char* id : {"curves", "errors", "worst", "times"}) {
    CHECK_THAT(html, !Contains("id=\"" + std::string(id) + "\""));
  }
}

TEST_CASE("a report says what it knows of errors without validation rows") {
  ShownRun shown;
  shown.state.judged = {};
  shown.datasets.validation = {};
  CHECK_THAT(report_page(shown.state), Contains("The run has no validation rows"));
}

TEST_CASE("the time of each part is a mean over the epochs, with its share") {
  const std::string html = times_section({{1, 0, 1, 6, 2, 0, 1}, {2, 0, 1, 8, 2, 0, NAN}});
  CHECK_THAT(html, Contains("steps") && Contains("7 s") && Contains("66.7 %"));
  CHECK_THAT(html, Contains("Means over 2 epochs; an epoch takes 10.5 s."));
  CHECK_THAT(html, !Contains("nan"));
}

TEST_CASE("the command to train again can be pasted into a shell") {
  ShownRun shown;
  const std::string html = origin_section(shown.run.config, "/runs/it's mine", 3);
  CHECK_THAT(html, Contains("mobireg-train &#39;/runs/it&#39;\\&#39;&#39;s mine/config.json&#39; "
                            "--set &#39;run_dir=/runs/it&#39;\\&#39;&#39;s mine_again&#39; --set "
                            "threads=3"));
  CHECK_THAT(origin_section(shown.run.config, "/runs/a-1", 2),
             Contains("mobireg-train /runs/a-1/config.json --set run_dir=/runs/a-1_again --set "
                      "threads=2"));
}

TEST_CASE("the config's own fields are shown apart from the defaults") {
  const ShownRun shown;
  const std::string html = origin_section(shown.run.config, "/runs/a", 2);
  const std::string chosen = html.substr(0, html.find("The whole config"));
  CHECK_THAT(chosen, Contains("model.alpha") && Contains("augmentation.rotation_range"));
  CHECK_THAT(chosen, !Contains("training.loss") && !Contains("run_dir") && !Contains("csv"));
  CHECK_THAT(html, Contains("&quot;loss&quot;"));
}

TEST_CASE("bars of few labels are pale, and say how many there are") {
  LabelPairs pairs{"yaw", "deg", true, {}, {}};
  for (int i = 0; i < 30; ++i) pairs.truth.push_back(i < 28 ? 0 : 90);
  pairs.predicted.assign(30, 3.0);
  const std::string figure = truth_figure(pairs);
  CHECK_THAT(figure, Contains("28 labels") && Contains("class=\"bars\""));
  CHECK_THAT(figure, Contains("2 labels") && Contains("class=\"bars few\""));
}

TEST_CASE("without labels there are no charts of errors") {
  const LabelPairs none{"yaw", "deg", true, {}, {}};
  CHECK(truth_figure(none).empty());
  CHECK(scatter_figure(none).empty());
  CHECK(error_histogram(none).empty());
}

TEST_CASE("many landmarks have pooled charts, and their table is folded") {
  std::vector<OutputConfig> outputs;
  for (int i = 0; i < 10; ++i) {
    outputs.push_back({"x" + std::to_string(i), Unit::kImage, OutputKind::kX});
    outputs.push_back({"y" + std::to_string(i), Unit::kImage, OutputKind::kY});
  }
  JudgedEpoch epoch{1, false, {{0, 1}, torch::rand({2, 20}), torch::rand({2, 20})}};
  const std::string html = errors_section(epoch, outputs);
  CHECK_THAT(html, Contains("<summary>Numbers of all 20 outputs</summary>"));
  CHECK_THAT(html, Contains("<b>x of all points</b> error") && !Contains("<b>x3</b> error"));
  CHECK_THAT(html, Contains("the newest"));
}

}  // namespace
}  // namespace mobireg
