#include "image/content_index.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "mobireg/core/error.h"
#include "mobireg/core/file.h"
#include "temporary_folder.h"

namespace mobireg {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kNow = 1'000'000 * kSecond;

/// A file that has not changed for long.
FileContent content_of(std::uint64_t inode, const std::string& bytes) {
  return {{7, inode, bytes.size(), kNow / 2, kNow / 2}, digest_of(bytes)};
}

void remember(const std::filesystem::path& file, const std::vector<FileContent>& contents) {
  ContentIndex index(file, kNow);
  for (const FileContent& content : contents) index.remember(content);
  index.write();
}

TEST_CASE("what a file holds is known to the next run as long as its stamp is the same") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "contents.index";
  const FileContent content = content_of(1, "old");
  remember(file, {content_of(0, "other"), content, content_of(2, "another")});
  const ContentIndex index(file);
  CHECK(index.find(content.stamp) == content.digest);
  for (const auto field : {&FileStamp::device, &FileStamp::inode, &FileStamp::size}) {
    FileStamp stamp = content.stamp;
    stamp.*field += 10;
    CHECK_FALSE(index.find(stamp));
  }
  for (const auto field : {&FileStamp::modified, &FileStamp::changed}) {
    FileStamp stamp = content.stamp;
    stamp.*field -= 1;
    CHECK_FALSE(index.find(stamp));
  }
}

TEST_CASE("a file that has changed takes the place of what it was") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "contents.index";
  const FileContent before = content_of(1, "old");
  FileContent after = content_of(1, "new");
  ++after.stamp.changed;
  remember(file, {before});
  const std::size_t size = read_file(file).size();
  remember(file, {after});
  CHECK(read_file(file).size() == size);
  CHECK_FALSE(ContentIndex(file).find(before.stamp));
  CHECK(ContentIndex(file).find(after.stamp) == after.digest);
}

TEST_CASE("a stamp that one more change could leave as it is is not trusted") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "contents.index";
  const auto field = GENERATE(&FileStamp::modified, &FileStamp::changed);
  const auto [age, is_kept] = GENERATE(table<std::int64_t, bool>(
      {{-kSecond, false}, {0, false}, {2 * kSecond, false}, {2 * kSecond + 1, true}}));
  FileContent content = content_of(1, "old");
  content.stamp.*field = kNow - age;
  remember(file, {content});
  CHECK(ContentIndex(file).find(content.stamp).has_value() == is_kept);
}

TEST_CASE("an index that is not there or damaged is empty and is made anew") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "contents.index";
  const FileContent content = content_of(1, "old");
  CHECK_FALSE(ContentIndex(file).find(content.stamp));
  remember(file, {content});
  const std::string whole = read_file(file);
  std::vector<std::string> damaged{
      "", "x", whole.substr(0, whole.size() - 1), whole + "x", whole.substr(1), whole + whole};
  for (std::size_t i = 0; i < whole.size(); ++i) {
    damaged.push_back(whole);
    damaged.back()[i] = static_cast<char>(damaged.back()[i] ^ 4);
  }
  for (const std::string& bytes : damaged) {
    write_file_atomically(file, bytes);
    REQUIRE_FALSE(ContentIndex(file).find(content.stamp));
    remember(file, {content});
    REQUIRE(read_file(file) == whole);
  }
}

TEST_CASE("two runs at once keep what both have learnt") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "contents.index";
  const FileContent a = content_of(1, "a");
  const FileContent b = content_of(2, "b");
  ContentIndex first(file, kNow);
  ContentIndex second(file, kNow);
  first.remember(a);
  second.remember(b);
  first.write();
  second.write();
  CHECK(ContentIndex(file).find(a.stamp) == a.digest);
  CHECK(ContentIndex(file).find(b.stamp) == b.digest);
}

TEST_CASE("an index is written only when there is something new in it") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "contents.index";
  remember(file, {});
  CHECK_FALSE(std::filesystem::exists(file));
  const FileContent content = content_of(1, "old");
  remember(file, {content});
  std::filesystem::last_write_time(file, std::filesystem::file_time_type());
  remember(file, {content});
  CHECK(std::filesystem::last_write_time(file) == std::filesystem::file_time_type());
}

TEST_CASE("an index that cannot be written is an error") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "missing/contents.index";
  CHECK_THROWS_WITH(remember(file, {content_of(1, "a")}),
                    "cannot write '" + file.string() + "': No such file or directory");
}

[[noreturn]] void write_until_killed(const std::filesystem::path& file) {
  try {
    for (std::uint64_t inode = 1;; ++inode) remember(file, {content_of(inode, "more")});
  } catch (...) {
    ::_exit(1);
  }
}

TEST_CASE("a kill while the index is written leaves a whole one") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "contents.index";
  const FileContent content = content_of(0, "first");
  remember(file, {content});
  for (int milliseconds = 1; milliseconds < 40; milliseconds += 4) {
    const pid_t writer = ::fork();
    if (writer == 0) write_until_killed(file);
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    ::kill(writer, SIGKILL);
    int status = 0;
    ::waitpid(writer, &status, 0);
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(ContentIndex(file).find(content.stamp) == content.digest);
  }
}

}  // namespace
}  // namespace mobireg
