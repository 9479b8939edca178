#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

namespace mobireg {

/// A data set of drawn heads. Picture `i` and its angles are a function of `seed`, `i` and the
/// three limits alone; `size` changes only the resolution, `threads` only the time it takes.
struct SynthOptions {
  std::filesystem::path directory;  ///< Made if missing.
  std::int64_t count = 6000;        ///< Pictures, 1 to 1,000,000.
  int size = 64;                    ///< Side of the pictures in pixels, 16 to 1024.
  std::uint64_t seed = 1;
  double max_yaw = 60;    ///< Yaw is uniform to either side; degrees, 0 to 90.
  double max_pitch = 40;  ///< Likewise.
  double max_roll = 40;   ///< Likewise.
  int threads = 0;        ///< 1 to 1024; 0: as many as the machine has cores.
};

/// Draws `directory/images/000000.png` and so on, then writes `directory/headpose.csv`: the header
/// `filename,pitch,yaw,roll` and one row a picture, file names relative to the CSV's folder, angles
/// in radians in the convention of `rotation_from_pose`. The CSV appears last and at once, so a
/// directory that has it is complete; pictures left by an interrupted call are drawn again.
///
/// `progress` is called on the calling thread, with the number of pictures written so far, about
/// every hundredth of the way and at the end.
///
/// Throws `Error` for an option outside its range, a directory that already holds a
/// `headpose.csv`, and a folder or file that cannot be written.
void write_synth_dataset(
    const SynthOptions& options,
    const std::function<void(std::int64_t done, std::int64_t total)>& progress = {});

/// A table of pictures, row by row, of at most 8192 pixels a side.
struct ContactSheetOptions {
  int columns = 10;       ///< 1 to 100.
  int rows = 5;           ///< 1 to 100.
  bool draw_axes = true;  ///< The head's axes: x (right) red, y (up) green, z (the nose) blue.
};

/// Draws the first `columns * rows` pictures of the data set that `heads` describes into one PNG,
/// `file`, whose folder must exist; a file of that name is replaced. `heads.directory`,
/// `heads.count` and `heads.threads` play no part. Throws `Error` for an option outside its range
/// and a file that cannot be written.
void write_contact_sheet(const SynthOptions& heads, const std::filesystem::path& file,
                         const ContactSheetOptions& sheet = {});

}  // namespace mobireg
