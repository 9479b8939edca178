#include "report/times_csv.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "mobireg/core/file.h"
#include "mobireg/data/data_frame.h"
#include "temporary_folder.h"

namespace mobireg {
namespace {

EpochTimesRow row_of(int epoch) { return {epoch, 310.5, 0.25, 12, 1.5, 0.0625, 0.5}; }

TEST_CASE("times.csv has a line an epoch, and is read back") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "times.csv";
  TimesCsv times(file, 0);
  times.add(row_of(1));
  times.add(row_of(2));
  CHECK(read_file(file) ==
        "epoch,images_per_second,batches,steps,validation,report,other\n"
        "1,310.5,0.25,12,1.5,0.0625,0.5\n2,310.5,0.25,12,1.5,0.0625,0.5\n");
  const auto rows = read_times(file, 2);
  REQUIRE(rows.size() == 2);
  CHECK(rows[1].epoch == 2);
  CHECK(rows[1].report == 0.0625);
}

TEST_CASE("a resumed run keeps the times of the epochs that its checkpoint knows") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "times.csv";
  {
    TimesCsv times(file, 0);
    for (const int epoch : {1, 2, 3}) times.add(row_of(epoch));
  }
  write_file_atomically(file, read_file(file) + "4,31");  // cut short by a kill
  TimesCsv resumed(file, 2);
  CHECK(resumed.rows().size() == 2);
  resumed.add(row_of(3));
  const auto rows = read_times(file, 9);
  REQUIRE(rows.size() == 3);
  CHECK(rows[2].epoch == 3);
}

TEST_CASE("a new run does not take over the times of another") {
  const TemporaryFolder folder;
  TimesCsv(folder.path() / "times.csv", 0).add(row_of(1));
  CHECK(TimesCsv(folder.path() / "times.csv", 0).rows().empty());
}

TEST_CASE("without times.csv there are no times") {
  CHECK(read_times("/nowhere/times.csv", 10).empty());
}

}  // namespace
}  // namespace mobireg
