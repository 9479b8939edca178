#include "image/image_cache.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <string>
#include <vector>

#include "data/labelled_folder.h"
#include "mobireg/core/error.h"
#include "mobireg/core/file.h"
#include "temporary_folder.h"

namespace mobireg {
namespace {

std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    files.push_back(entry.path());
  return files;
}

const std::vector<std::uint8_t> kPixels{1, 2, 3, 250};

TEST_CASE("what was written is found again under its key alone") {
  const TemporaryFolder folder;
  const ImageCache cache(folder.path() / "new", "abc", kPixels.size());
  CHECK(cache.open() == nullptr);
  cache.write(kPixels.data());
  const auto pixels = cache.open();
  REQUIRE(pixels);
  CHECK(std::equal(kPixels.begin(), kPixels.end(), pixels.get()));
  CHECK(ImageCache(folder.path() / "new", "abd", kPixels.size()).open() == nullptr);
  CHECK(ImageCache(folder.path() / "new", "abc", kPixels.size() + 1).open() == nullptr);
  CHECK(ImageCache({}, "abc", kPixels.size()).open() == nullptr);
}

TEST_CASE("a cache file that is not whole is not used") {
  const TemporaryFolder folder;
  const ImageCache cache(folder.path(), "abc", kPixels.size());
  cache.write(kPixels.data());
  const auto file = files_in(folder.path()).at(0);
  const std::string whole = read_file(file);
  write_text(file, whole.substr(0, whole.size() - 1));
  CHECK(cache.open() == nullptr);
  write_text(file, "X" + whole.substr(1));
  CHECK(cache.open() == nullptr);
  write_text(file, "");
  CHECK(cache.open() == nullptr);
  write_text(file, whole);
  CHECK(cache.open() != nullptr);
}

TEST_CASE("a full disk leaves nothing behind, and the run goes on without a cache") {
  LabelledFolder folder(3);
  folder.data.mode = ImageMode::kMemory;
  folder.data.cache = folder.path() / "cache";
  // The limit on a file's size stands in for the disk's.
  struct rlimit before {};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const struct rlimit small { 5000, before.rlim_max };
  ::setrlimit(RLIMIT_FSIZE, &small);
  std::vector<std::string> warnings;
  const Datasets sets = folder.open(1, [&](const std::string& text) { warnings.push_back(text); });
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  CHECK(rows_of(sets.train) == numbers(0, 3));
  REQUIRE(warnings.size() == 1);
  CHECK_THAT(warnings[0], Catch::StartsWith("cannot write '" + folder.data.cache.string()) &&
                              Catch::EndsWith("; going on without"));
  CHECK(files_in(folder.data.cache).empty());
}

TEST_CASE("what a killed writer left is removed, what a living one writes is not") {
  const TemporaryFolder folder;
  const pid_t dead = ::fork();
  if (dead == 0) ::_exit(0);
  ::waitpid(dead, nullptr, 0);
  const auto left = folder.path() / (".a.images.tmp-" + std::to_string(dead) + "-0");
  const auto alive = folder.path() / (".a.images.tmp-" + std::to_string(::getpid()) + "-7");
  write_text(left, "half");
  write_text(alive, "half");
  ImageCache(folder.path(), "abc", kPixels.size()).write(kPixels.data());
  CHECK_FALSE(std::filesystem::exists(left));
  CHECK(std::filesystem::exists(alive));
}

TEST_CASE("a second run takes its images from the cache, and a changed image is decoded anew") {
  LabelledFolder folder(3);
  folder.data.mode = ImageMode::kMemory;
  folder.data.cache = folder.path() / "cache";
  const auto pixels_of = [&](std::int64_t row) {
    return folder.open().train.input_image(row).pixels;
  };
  const auto first = pixels_of(1);
  REQUIRE(files_in(folder.data.cache).size() == 1);
  // Change a pixel in the cache: the next run shows it, so it did not decode.
  const auto file = files_in(folder.data.cache)[0];
  std::string bytes = read_file(file);
  bytes.back() = static_cast<char>(~bytes.back());
  write_text(file, bytes);
  CHECK(pixels_of(2).back() == static_cast<std::uint8_t>(bytes.back()));
  CHECK(pixels_of(1) == first);

  // The same size and modification time do not hide new contents.
  const auto image = folder.path() / "images/1.png";
  const auto time = std::filesystem::last_write_time(image);
  write_random_image(image, 32, 32, 77);
  std::filesystem::last_write_time(image, time);
  CHECK(pixels_of(1) != first);
  CHECK(files_in(folder.data.cache).size() == 2);
  folder.model.input.interpolation = Interpolation::kArea;
  pixels_of(1);
  CHECK(files_in(folder.data.cache).size() == 3);
}

}  // namespace
}  // namespace mobireg
