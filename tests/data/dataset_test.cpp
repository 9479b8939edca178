#include "mobireg/data/dataset.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "data/labelled_folder.h"
#include "mobireg/core/error.h"
#include "mobireg/core/file.h"

namespace mobireg {
namespace {

TEST_CASE("a row knows its file, its line and its label") {
  const LabelledFolder folder(3);
  const ImageRegressionDataset dataset = folder.open().train;
  REQUIRE(dataset.size() == 3);
  const DatasetRow& row = dataset.row(2);
  CHECK(row.filename == "images/2.png");
  CHECK(row.where() == folder.csv_path().string() + ":4");
  CHECK(row.line == 4);
  CHECK(row.targets == std::vector<float>{2});
  CHECK(row.csv == folder.csv_path());
}

TEST_CASE("columns that are not there are refused with the nearest name") {
  LabelledFolder folder(3);
  folder.data.y_col = {"angel"};
  CHECK_THROWS_WITH(folder.open(), Catch::Contains("angel") && Catch::Contains("'angle'"));
  folder.data.y_col = {"angle"};
  folder.data.x_col = "file_name";
  CHECK_THROWS_WITH(folder.open(), Catch::Contains("file_name") && Catch::Contains("'filename'"));
  folder.data.x_col = "filename";
  folder.data.group_column = "persons";
  CHECK_THROWS_WITH(folder.open(), Catch::Contains("persons") && Catch::Contains("'person'"));
}

TEST_CASE("a CSV without rows is refused") {
  const LabelledFolder folder(0);
  CHECK_THROWS_WITH(folder.open(), folder.csv_path().string() + ": it has no rows");
}

/// Three good rows and one row for each thing that can be wrong.
struct BadRows {
  LabelledFolder folder{3};

  BadRows() {
    write_random_image(folder.path() / "whole.jpg", 64, 64, 1);
    const std::string jpeg = read_file(folder.path() / "whole.jpg");
    write_text(folder.path() / "cut.jpg", jpeg.substr(0, jpeg.size() / 2));
    write_text(folder.path() / "text.png", "not an image");
    write_text(folder.path() / "empty.png", "");
    std::ofstream(folder.csv_path(), std::ios::app) << "none.png,1,\n"
                                                       "cut.jpg,1,\n"
                                                       "text.png,1,\n"
                                                       "empty.png,1,\n"
                                                       ",1,\n"
                                                       "images/0.png,NaN,\n"
                                                       "images/0.png,left,\n"
                                                       "images/0.png,1e300,\n";
  }

  /// All but cut.jpg, whose header is sound.
  std::string message(const std::string& start) const {
    return folder.csv_path().string() + ": " + start +
           "; line 5: 'none.png': there is no such file in the data folder; line 7: 'text.png': it "
           "is a text file; JPEG, PNG, BMP and PNM are read; line 8: 'empty.png': the image file "
           "is "
           "empty; line 9: filename is empty; line 10: angle is 'NaN', not a number; line 11: "
           "angle "
           "is 'left', not a number; line 12: angle is '1e300', not a number";
  }
};

TEST_CASE("rows that cannot be used are listed with their lines, and the run refuses") {
  const BadRows bad;
  CHECK_THROWS_MATCHES(bad.folder.open(), Error,
                       Catch::Message(bad.message("7 of 11 rows cannot be used "
                                                  "(data.skip_bad_rows leaves them out)")));
}

TEST_CASE("rows that cannot be used are left out with a warning when that is asked for") {
  BadRows bad;
  bad.folder.data.skip_bad_rows = true;
  std::vector<std::string> warnings;
  const Datasets sets =
      bad.folder.open(2, [&](const std::string& text) { warnings.push_back(text); });
  CHECK(rows_of(sets.train) == numbers(0, 3));
  const std::string csv = bad.folder.csv_path().string();
  CHECK(warnings == std::vector<std::string>{
                        bad.message("left out 7 of 11 rows"),
                        csv + ": left out 1 of 4 rows; line 6: 'cut.jpg': the JPEG file ends too "
                              "early"});
  CHECK(rows_of(bad.folder.open().train) == numbers(0, 3));
}

TEST_CASE("bad rows are left out before rows are split") {
  LabelledFolder folder(10);
  std::filesystem::remove(folder.path() / "images/0.png");
  folder.data.skip_bad_rows = true;
  folder.data.validation = {SplitRule::kFirstFraction, 0.34};
  CHECK(rows_of(folder.open().validation) == numbers(1, 4));  // int(0.34 * 9)
}

TEST_CASE("a CSV whose rows are all bad is refused even when bad rows may be left out") {
  LabelledFolder folder(2);
  std::filesystem::remove_all(folder.path() / "images");
  folder.data.skip_bad_rows = true;
  CHECK_THROWS_WITH(
      open_dataset(folder.data, folder.model, 1),
      Catch::StartsWith(folder.csv_path().string() + ": none of its 2 rows can be used; line 2: "));
}

TEST_CASE("ten bad rows are listed, the others counted") {
  LabelledFolder folder(13);
  std::filesystem::remove_all(folder.path() / "images");
  write_random_image(folder.path() / "images/0.png", 32, 32, 0);
  CHECK_THROWS_WITH(folder.open(),
                    Catch::Contains("12 of 13 rows") && Catch::Contains("line 12: ") &&
                        !Catch::Contains("line 13: ") && Catch::EndsWith("; and 2 more"));
}

TEST_CASE("one CSV can be opened whole, with images beside it where no folder is given") {
  LabelledFolder folder(4);
  folder.data.directory.clear();
  folder.data.validation = {SplitRule::kFirstFraction, 0.5};
  const auto dataset = open_dataset(folder.data, folder.model, 2);
  CHECK(rows_of(dataset) == numbers(0, 4));
}

TEST_CASE("images kept in memory and images streamed are the same") {
  LabelledFolder folder(5, 48);
  folder.data.mode = ImageMode::kStream;
  const ImageRegressionDataset streamed = folder.open().train;
  folder.data.mode = GENERATE(ImageMode::kMemory, ImageMode::kAuto);
  const ImageRegressionDataset kept = folder.open().train;
  for (std::int64_t i = 0; i < 5; ++i) {
    CHECK(streamed.input_image(i).pixels == kept.input_image(i).pixels);
    CHECK(streamed.image(i).pixels != streamed.image(i).pixels);
    CHECK(kept.image(i).pixels == kept.image(i).pixels);
  }
}

TEST_CASE("a streamed image that has gone is reported with its row") {
  LabelledFolder folder(3);
  folder.data.mode = ImageMode::kStream;
  const ImageRegressionDataset dataset = folder.open().train;
  const auto path = folder.path() / "images/1.png";
  std::filesystem::remove(path);
  CHECK_THROWS_WITH(dataset.image(1), Catch::StartsWith(folder.csv_path().string() + ":3: ") &&
                                          Catch::Contains("images/1.png"));
}

TEST_CASE("a filtered dataset shares its images") {
  const LabelledFolder folder(6);
  const ImageRegressionDataset all = folder.open().train;
  const auto odd = all.filter([](const DatasetRow& row) { return int(row.targets[0]) % 2 == 1; });
  CHECK(rows_of(odd) == RowNumbers{1, 3, 5});
  CHECK(odd.image(1).pixels == all.image(3).pixels);
}

TEST_CASE("the fingerprint changes with a file name, a label and the order") {
  const LabelledFolder folder(4);
  const auto fingerprint = [&](const std::string& rows) {
    write_text(folder.csv_path(), "filename,angle\n" + rows);
    return folder.open().train.fingerprint();
  };
  const std::string first = fingerprint("images/0.png,1\nimages/1.png,2\n");
  CHECK(first.size() == 64);
  CHECK(fingerprint("images/0.png,1.0\nimages/1.png, 2\n") == first);
  CHECK(fingerprint("images/0.png,1\nimages/2.png,2\n") != first);
  CHECK(fingerprint("images/0.png,1\nimages/1.png,3\n") != first);
  CHECK(fingerprint("images/1.png,2\nimages/0.png,1\n") != first);
}

}  // namespace
}  // namespace mobireg
