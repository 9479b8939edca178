// A run's data, from its files to the page.

#include "mobireg/inspect/inspect.h"

#include <algorithm>

#include "data/labelled_folder.h"
#include "mobireg/core/error.h"
#include "mobireg/core/file.h"

namespace mobireg {
namespace {

RunConfig config_of(const LabelledFolder& folder) {
  RunConfig config;
  config.data = folder.data;
  config.model = folder.model;
  config.model.outputs[0].mirror = Mirror::kNegate;
  config.augmentation.rotation_range = 20;
  return resolve_config(config);
}

/// 20 rows of 10 persons, of which the first 4 are for validation.
struct SplitFolder : LabelledFolder {
  SplitFolder() : LabelledFolder(20) {
    data.group_column = "person";
    data.validation = {SplitRule::kFirstFraction, 0.2};
  }
};

bool has_finding(const Inspection& inspection, const std::string& begin) {
  return std::any_of(
      inspection.findings.begin(), inspection.findings.end(),
      [&](const Finding& finding) { return finding.what.compare(0, begin.size(), begin) == 0; });
}

TEST_CASE("rows and groups are counted by split") {
  const SplitFolder folder;
  const Inspection inspection = inspect(config_of(folder));
  REQUIRE(inspection.sets.size() == 1);
  CHECK(inspection.sets[0].csv == "labels.csv");
  CHECK(inspection.sets[0].rows == PerSplit<std::int64_t>{16, 4, 0});
  CHECK(inspection.sets[0].groups == PerSplit<std::int64_t>{8, 2, 0});
  REQUIRE(inspection.labels.size() == 1);
  CHECK(inspection.labels[0].present == 20);
  CHECK(inspection.labels[0].max == 19);
  CHECK(inspection.unreadable.empty());
  CHECK(inspection.duplicates.exact_groups == 0);
}

TEST_CASE("rows that cannot be used are listed, with the message that says why") {
  const SplitFolder folder;
  const auto mode = GENERATE(ImageMode::kMemory, ImageMode::kStream);
  write_text(folder.path() / "images/7.png", "no image");
  const std::string whole = read_file(folder.path() / "images/9.png");
  write_text(folder.path() / "images/9.png", whole.substr(0, whole.size() / 2));
  RunConfig config = config_of(folder);
  config.data.mode = mode;
  const Inspection inspection = inspect(config);
  REQUIRE(inspection.unreadable.size() == 2);
  for (const char* name : {"7.png", "9.png"}) {
    CAPTURE(name);
    CHECK(std::any_of(inspection.unreadable.begin(), inspection.unreadable.end(),
                      [&](const std::string& text) { return text.find(name) != text.npos; }));
  }
  CHECK(inspection.sets[0].rows[0] == 14);
  CHECK(has_finding(inspection, "2 messages of rows that cannot be used"));
}

TEST_CASE("a validation image that is a training image as well is found") {
  const SplitFolder folder;
  std::filesystem::copy_file(folder.path() / "images/1.png", folder.path() / "images/12.png",
                             std::filesystem::copy_options::overwrite_existing);
  const Inspection inspection = inspect(config_of(folder));
  CHECK(inspection.duplicates.exact_across == 1);
  CHECK(inspection.duplicates.conflicts == 1);
  REQUIRE_FALSE(inspection.duplicates.shown.empty());
  const std::vector<ShownRow>& rows = inspection.duplicates.shown[0].shown;
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].seen.image.pixels == rows[1].seen.image.pixels);
  CHECK(rows[0].split != rows[1].split);
  CHECK(has_finding(inspection, "1 validation or test row is the same as"));
}

TEST_CASE("samples are what training draws, with the labels that go with them") {
  const SplitFolder folder;
  RunConfig config = config_of(folder);
  config.augmentation.horizontal_flip = true;
  config.augmentation.rotation_range = 0;
  const Inspection inspection = inspect(config, {1, 4, 8});
  REQUIRE(inspection.samples.size() == 4);
  int flipped = 0;
  for (const AugmentedRow& sample : inspection.samples) {
    CHECK(sample.row.split == RowSplit::kTrain);
    REQUIRE(sample.draws.size() == 8);
    for (const LabelledImage& draw : sample.draws) {
      const bool is_flipped = draw.targets[0] == -sample.row.seen.targets[0];
      CHECK((is_flipped || draw.targets == sample.row.seen.targets));
      CHECK((draw.image.pixels == sample.row.seen.image.pixels) != is_flipped);
      flipped += is_flipped;
    }
  }
  CHECK(flipped > 4);
  CHECK(flipped < 28);
}

TEST_CASE("the same data gives the same page, with one thread or several") {
  const SplitFolder folder;
  const std::string page = to_html(inspect(config_of(folder), {1, 3, 2}));
  CHECK((to_html(inspect(config_of(folder), {3, 3, 2})) == page));
  CHECK(page.find(folder.path().string()) == std::string::npos);
}

TEST_CASE("an inspection goes to a file, and never over another one unless that is said") {
  const SplitFolder folder;
  InspectFileOptions options;
  options.data_or_config = folder.csv_path();
  options.output = folder.path() / "page.html";
  options.overrides = {"model.input.size=32"};
  const auto [page, inspection] = inspect_file(options);
  CHECK(page == options.output);
  CHECK(inspection.source == "labels.csv");
  CHECK(has_finding(inspection, "No config was given"));
  CHECK((read_file(page) == to_html(inspection)));

  write_text(page, "mine");
  CHECK_THROWS_WITH(inspect_file(options),
                    page.string() + ": it exists already; --overwrite replaces it");
  CHECK(read_file(page) == "mine");
  options.overwrite = true;
  inspect_file(options);
  CHECK((read_file(page) == to_html(inspection)));
}

TEST_CASE("a config is read where the name says that it is one") {
  const SplitFolder folder;
  write_text(folder.path() / "run.json", to_json(config_of(folder)));
  InspectFileOptions options;
  options.data_or_config = folder.path() / "run.json";
  options.output = folder.path() / "page.html";
  const auto inspection = inspect_file(options).second;
  CHECK(inspection.source == "run.json");
  CHECK_FALSE(has_finding(inspection, "No config was given"));
  CHECK(inspection.outputs.at(0).name == "angle");
}

TEST_CASE("data of which no row can be used is an error") {
  const SplitFolder folder;
  std::filesystem::remove_all(folder.path() / "images");
  CHECK_THROWS_AS(inspect(config_of(folder)), Error);
}

}  // namespace
}  // namespace mobireg
