#include <cstdio>

#include "app.h"
#include "mobireg/synth/synth.h"

using namespace mobireg;

int main(int argc, char** argv) {
  CLI::App app("", "mobireg-synth");
  describe(app,
           "Draws heads at known angles: images and headpose.csv with filename,pitch,yaw,roll in\n"
           "radians. The same options draw the same pictures.",
           "  mobireg-synth heads\n"
           "  mobireg-synth heads --count 20000 --size 96 --seed 7\n"
           "  mobireg-synth heads --sheet heads.png");
  SynthOptions options;
  std::string sheet;
  app.add_option("DIRECTORY", options.directory, "Folder to make the data set in")->required();
  app.add_option("--count", options.count, "Pictures")->capture_default_str();
  app.add_option("--size", options.size, "Pixels a side")->capture_default_str();
  app.add_option("--seed", options.seed, "Chooses the heads")->capture_default_str();
  app.add_option("--max-yaw", options.max_yaw, "Degrees, either way")->capture_default_str();
  app.add_option("--max-pitch", options.max_pitch, "Degrees, either way")->capture_default_str();
  app.add_option("--max-roll", options.max_roll, "Degrees, either way")->capture_default_str();
  app.add_option("--threads", options.threads, "Drawing threads; 0: all cores")
      ->capture_default_str();
  app.add_option("--sheet", sheet,
                 "Also draw the first heads, with their axes, into this PNG file");
  return run_app(app, argc, argv, [&] {
    write_synth_dataset(options, [](std::int64_t done, std::int64_t total) {
      if (!on_terminal()) return;
      std::printf("\rdrawn %lld of %lld", static_cast<long long>(done),
                  static_cast<long long>(total));
      std::fflush(stdout);
    });
    if (!sheet.empty()) write_contact_sheet(options, sheet);
    std::printf("%swrote %lld heads and headpose.csv to %s\n", on_terminal() ? "\r" : "",
                static_cast<long long>(options.count), options.directory.c_str());
    return 0;
  });
}
