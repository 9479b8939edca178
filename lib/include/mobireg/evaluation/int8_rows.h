#pragma once

#include <cstdint>
#include <filesystem>

#include "mobireg/data/dataset.h"
#include "mobireg/deploy/int8.h"

namespace mobireg {

/// The labelled images that an int8 export needs.
struct Int8Rows {
  std::filesystem::path calibrate;     // CSV; empty: the run's training rows
  std::int64_t calibrate_count = 500;  // images, evenly spread over the rows
  std::filesystem::path held_out;      // CSV; empty: the run's test rows where it has any, else its
                                       // validation rows
  int threads = 0;                     // 0: all cores
  WarningCallback warn;
};

/// Reads them, for `export_network`. Throws Error when they cannot be read or there are none.
Int8Export int8_export(const std::filesystem::path& checkpoint, const Int8Rows& rows);

}  // namespace mobireg
