#include <cstdio>
#include <map>

#include "app.h"
#include "mobireg/evaluation/evaluate_file.h"

using namespace mobireg;

int main(int argc, char** argv) {
  CLI::App app("", "mobireg-evaluate");
  describe(
      app,
      "Prints the errors of a checkpoint or an exported file on labelled images: mean absolute\n"
      "error, root mean square error and median error of each output; angles in degrees.",
      "  mobireg-evaluate runs/headpose/checkpoints/best.safetensors\n"
      "  mobireg-evaluate best.safetensors --rows validation --match genki\n"
      "  mobireg-evaluate headpose.pt --csv faces.csv --predictions predicted.csv");
  EvaluateOptions options;
  const std::map<std::string, RowSet> row_sets{
      {"train", RowSet::kTrain}, {"validation", RowSet::kValidation}, {"test", RowSet::kTest}};
  std::string rows;
  app.add_option("FILE", options.file, "Checkpoint or exported file")->required();
  auto* csv = app.add_option("--csv", options.csv,
                             "Labelled images; without it those of the checkpoint's run");
  app.add_option("--directory", options.directory, "Folder of the CSV's images; default: its own")
      ->needs(csv);
  app.add_option("--x-col", options.x_col, "Column of the file names")
      ->capture_default_str()
      ->needs(csv);
  app.add_option("--y-col", options.y_col, "Columns of the labels; default: the outputs' names")
      ->delimiter(',')
      ->needs(csv);
  app.add_option("--rows", rows, "Which rows of the run; default: test, or else validation")
      ->check(CLI::IsMember({"train", "validation", "test"}))
      ->excludes(csv);
  app.add_option("--match", options.match,
                 "Only file names in which this regular expression is found");
  app.add_option("--predictions", options.predictions, "Write the predictions as CSV to this file");
  app.add_flag("--skip-bad-rows", options.skip_bad_rows, "Leave out rows that cannot be used");
  app.add_option("--threads", options.threads, "Compute threads; 0: all cores")
      ->check(CLI::Range(0, 1024));
  return run_app(app, argc, argv, [&] {
    keep_freed_memory();
    if (!rows.empty()) options.rows = row_sets.at(rows);
    options.warn = [](const std::string& text) {
      std::fprintf(stderr, "warning: %s\n", text.c_str());
    };
    std::fputs(evaluate_file(options).to_string().c_str(), stdout);
    return 0;
  });
}
