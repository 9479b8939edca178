#include "mobireg/core/file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "file_size_limit.h"
#include "mobireg/core/error.h"
#include "temporary_folder.h"

namespace mobireg {
namespace {

namespace fs = std::filesystem;

std::size_t entries_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST_CASE("a file read back is what was written, byte for byte") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "file";
  const std::string contents =
      GENERATE(std::string(), std::string("a\0\r\n\xff", 5), std::string(100'000, 'x'));
  write_file_atomically(path, contents);
  CHECK(read_file(path) == contents);
  CHECK(entries_in(folder.path()) == 1);
}

TEST_CASE("a file is written piece by piece, and replaces a longer one") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "file";
  write_file_atomically(path, "a long old text");
  write_file_atomically(path, [](const WriteBytes& write) {
    write("new", 3);
    write(nullptr, 0);
    write(" text", 5);
  });
  CHECK(read_file(path) == "new text");
}

TEST_CASE("a relative path without a folder is written in the working folder") {
  const TemporaryFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  write_file_atomically("file", "text");
  fs::current_path(before);
  CHECK(read_file(folder.path() / "file") == "text");
}

TEST_CASE("the old file stays whole until the new one is complete, also when its writer throws") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "file";
  write_file_atomically(path, "old");
  const auto interrupted = [&path](const WriteBytes& write) {
    write("new", 3);
    CHECK(read_file(path) == "old");
    throw Error("interrupted");
  };
  CHECK_THROWS_MATCHES(write_file_atomically(path, interrupted), Error,
                       Catch::Message("interrupted"));
  CHECK(read_file(path) == "old");
  CHECK(entries_in(folder.path()) == 1);
}

TEST_CASE("a disk that is full half-way leaves the old file and no other") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "file";
  write_file_atomically(path, "old");
  {
    const FileSizeLimit limit(4096);
    CHECK_THROWS_MATCHES(write_file_atomically(path, std::string(10'000, 'x')), Error,
                         Catch::Message("cannot write '" + path.string() + "': File too large"));
  }
  CHECK(read_file(path) == "old");
  CHECK(entries_in(folder.path()) == 1);
}

TEST_CASE("a temporary file that a dead process left behind is no obstacle") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "file";
  const std::string left_behind = ".file.tmp-" + std::to_string(::getpid()) + "-0";
  std::ofstream(folder.path() / left_behind) << "half";
  write_file_atomically(path, "text");
  CHECK(read_file(path) == "text");
  CHECK(read_file(folder.path() / left_behind) == "half");
}

TEST_CASE("a symbolic link stays, and the file it names is replaced") {
  const TemporaryFolder folder;
  fs::create_directory(folder.path() / "there");
  const fs::path target = folder.path() / "there" / "file";
  const fs::path link = folder.path() / "link";
  fs::create_symlink("there/file", link);
  write_file_atomically(link, "first");
  write_file_atomically(link, "second");
  CHECK(fs::is_symlink(link));
  CHECK(read_file(target) == "second");
}

TEST_CASE("what cannot be written is refused with the path and the reason") {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "file") << "text";
  fs::create_symlink("loop", folder.path() / "loop");
  const auto [name, reason] = GENERATE(table<std::string, std::string>({
      {"missing/file", "No such file or directory"},
      {"file/file", "Not a directory"},
      {".", "Is a directory"},
      {"loop", "Too many levels of symbolic links"},
      {"/dev/full", "Not a regular file"},
      {std::string(250, 'x'), "File name too long"},
  }));
  const std::string path = (folder.path() / name).string();
  CHECK_THROWS_MATCHES(write_file_atomically(path, "text"), Error,
                       Catch::Message("cannot write '" + path + "': " + reason));
  CHECK(entries_in(folder.path()) == 2);
}

TEST_CASE("what cannot be read is refused with the path and the reason") {
  const TemporaryFolder folder;
  ::mkfifo((folder.path() / "pipe").c_str(), 0600);
  const auto [name, reason] = GENERATE(table<std::string, std::string>({
      {"missing", "No such file or directory"},
      {".", "Is a directory"},
      {"pipe", "Not a regular file"},
      {"/dev/zero", "Not a regular file"},
  }));
  const std::string path = (folder.path() / name).string();
  CHECK_THROWS_MATCHES(read_file(path), Error,
                       Catch::Message("cannot read '" + path + "': " + reason));
}

}  // namespace
}  // namespace mobireg
