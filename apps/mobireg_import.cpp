#include <cstdio>

#include "app.h"
#include "mobireg/core/error.h"
#include "mobireg/importers/importers.h"

using namespace mobireg;

int main(int argc, char** argv) {
  CLI::App app("", "mobireg-import");
  describe(
      app,
      "Writes the labels of a published data set as the CSV that mobireg trains on: file names,\n"
      "angles in one convention, face boxes, landmarks and groups. docs/importers.md tells what\n"
      "each format expects.",
      "  mobireg-import 300w_lp 300W_LP --landmarks\n"
      "  mobireg-import aflw2000 AFLW2000 --max-angle 99 --output aflw2000.csv\n"
      "  mobireg-import biwi hpdb\n"
      "  mobireg-import pointing04 HeadPoseImageDatabase --degrees\n"
      "  mobireg-import 300w_pts helen/trainset");
  const auto is_format = [](const std::string& name) -> std::string {
    try {
      import_format(name);
      return {};
    } catch (const Error& error) {
      return error.what();
    }
  };
  std::string format;
  ImportOptions options;
  bool without_flipped = false;
  app.add_option("FORMAT", format, "What the folder holds")
      ->required()
      ->check(CLI::Validator(is_format, "{300w_lp,aflw2000,biwi,pointing04,300w_pts}"));
  app.add_option("FOLDER", options.folder, "Folder of the data set")->required();
  app.add_option("-o,--output", options.output, "CSV to write; labels.csv in FOLDER without it");
  app.add_flag("--overwrite", options.overwrite, "Replace an existing file");
  app.add_flag("--degrees", options.degrees, "Angles in degrees; radians without it");
  app.add_flag("--landmarks", options.landmarks,
               "300w_lp, aflw2000: the 68 points as columns as well");
  app.add_flag("--without-flipped", without_flipped, "300w_lp: leave out the mirrored folders");
  app.add_option("--max-angle", options.max_angle,
                 "Leave out faces with an angle beyond this many degrees");
  return run_app(app, argc, argv, [&] {
    options.format = import_format(format);
    options.flipped = !without_flipped;
    const ImportedFile written = import_to_csv(options, [](const std::string& warning) {
      std::fprintf(stderr, "mobireg-import: warning: %s\n", warning.c_str());
    });
    std::printf("%s: %lld rows\n", written.csv.c_str(), static_cast<long long>(written.rows));
    return 0;
  });
}
