#include "core/append_file.h"

#include <catch2/catch.hpp>

#include "mobireg/core/error.h"
#include "mobireg/core/file.h"
#include "temporary_folder.h"

namespace mobireg {
namespace {

TEST_CASE("bytes are appended to a file that exists") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "log";
  write_file_atomically(file, "one\n");
  append_to_file(file, "two\n", AppendUntil::kInFile);
  append_to_file(file, "three\n", AppendUntil::kOnDisk);
  CHECK(read_file(file) == "one\ntwo\nthree\n");
}

TEST_CASE("appending to a file that is not there, or to a full disk, says why it fails") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "missing";
  CHECK_THROWS_WITH(append_to_file(file, "x", AppendUntil::kInFile),
                    file.string() + ": cannot be written: No such file or directory");
  CHECK(!std::filesystem::exists(file));
  CHECK_THROWS_WITH(append_to_file("/dev/full", "x", AppendUntil::kInFile),
                    "/dev/full: cannot be written: No space left on device");
}

}  // namespace
}  // namespace mobireg
