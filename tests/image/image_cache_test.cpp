#include "image/image_cache.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "data/labelled_folder.h"
#include "file_size_limit.h"
#include "image/content_index.h"
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
  std::vector<std::string> warnings;
  const auto open = [&] {
    const FileSizeLimit full(5000);
    return folder.open(1, [&](const std::string& text) { warnings.push_back(text); });
  };
  const Datasets sets = open();
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
  const std::string kind = GENERATE(".images", ".index");
  const auto left = folder.path() / (".a" + kind + ".tmp-" + std::to_string(dead) + "-0");
  const auto alive = folder.path() / (".a" + kind + ".tmp-" + std::to_string(::getpid()) + "-7");
  write_text(left, "half");
  write_text(alive, "half");
  ImageCache(folder.path(), "abc", kPixels.size()).write(kPixels.data());
  CHECK_FALSE(std::filesystem::exists(left));
  CHECK(std::filesystem::exists(alive));
}

TEST_CASE("images of as many bytes are found under any key") {
  const TemporaryFolder folder;
  CHECK_FALSE(holds_images(folder.path() / "new", kPixels.size()));
  write_text(folder.path() / "other", std::string(4096 + kPixels.size(), ' '));
  CHECK_FALSE(holds_images(folder.path(), kPixels.size()));
  ImageCache(folder.path(), "abc", kPixels.size()).write(kPixels.data());
  CHECK(holds_images(folder.path(), kPixels.size()));
  CHECK_FALSE(holds_images(folder.path(), kPixels.size() + 1));
}

/// A LabelledFolder with a cache that one run has filled. A pixel in the cache is then changed, by
/// which a run that decodes is told from one that does not.
class CachedFolder {
 public:
  CachedFolder() {
    folder.data.mode = ImageMode::kMemory;
    folder.data.cache = folder.path() / "cache";
    first_ = pixels();
    const auto files = cached();
    REQUIRE(files.size() == 1);
    std::string bytes = read_file(files[0]);
    bytes.back() = static_cast<char>(~bytes.back());
    write_text(files[0], bytes);
  }

  /// Of the last image of a new run.
  std::vector<std::uint8_t> pixels() const { return folder.open().train.input_image(2).pixels; }
  bool takes_from_cache() const { return pixels() != first_; }
  std::filesystem::path image() const { return folder.path() / "images/2.png"; }
  std::filesystem::path index() const { return folder.data.cache / "contents.index"; }

  /// Pixels, without the index.
  std::vector<std::filesystem::path> cached() const {
    auto files = files_in(folder.data.cache);
    files.erase(std::remove(files.begin(), files.end(), index()), files.end());
    return files;
  }

  LabelledFolder folder{3};

 private:
  std::vector<std::uint8_t> first_;
};

TEST_CASE("a second run takes its images from the cache") {
  const CachedFolder run;
  CHECK(run.takes_from_cache());
  CHECK(run.cached().size() == 1);
}

TEST_CASE("an image that has changed is decoded anew, also where its size and time are the same") {
  const CachedFolder run;
  const auto before = run.pixels();
  const std::string old = read_file(run.image());
  const auto time = std::filesystem::last_write_time(run.image());
  std::string bytes = old;
  bytes.resize(bytes.size() + 1);  // behind the image, which stays the same
  write_text(run.image(), bytes);
  CHECK_FALSE(run.takes_from_cache());
  CHECK(run.cached().size() == 2);

  bytes.back() = 1;
  write_text(run.image(), bytes);
  std::filesystem::last_write_time(run.image(), time);
  CHECK_FALSE(run.takes_from_cache());
  CHECK(run.cached().size() == 3);

  write_text(run.image(), old);
  CHECK(run.pixels() == before);
}

TEST_CASE("a folder that was copied, moved or touched takes its images from the cache") {
  CachedFolder run;
  const auto images = run.folder.path() / "images";
  SECTION("touched") {
    std::filesystem::last_write_time(run.image(), std::filesystem::file_time_type::clock::now());
  }
  SECTION("copied") {
    const auto copy = run.folder.path() / "copy";
    std::filesystem::create_directory(copy);
    std::filesystem::copy(images, copy / "images", std::filesystem::copy_options::recursive);
    std::filesystem::remove_all(images);
    run.folder.data.directory = copy;
  }
  SECTION("moved") {
    std::filesystem::rename(images, run.folder.path() / "pictures");
    std::string csv = read_file(run.folder.csv_path());
    for (std::size_t at = 0; (at = csv.find("images/", at)) != std::string::npos;) {
      csv.replace(at, 7, "pictures/");
    }
    write_text(run.folder.csv_path(), csv);
  }
  CHECK(run.takes_from_cache());
  CHECK(run.cached().size() == 1);
}

TEST_CASE("another order, size or way of decoding has a cache of its own") {
  CachedFolder run;
  SECTION("order") {
    write_text(run.folder.csv_path(),
               "filename,angle\nimages/1.png,0\nimages/0.png,1\nimages/2.png,2\n");
  }
  SECTION("interpolation") { run.folder.model.input.interpolation = Interpolation::kArea; }
  SECTION("DCT scaling") { run.folder.model.input.dct_scaling ^= true; }
  SECTION("orientation") { run.folder.model.input.exif_orientation ^= true; }
  SECTION("largest size") { run.folder.data.max_megapixels /= 2; }
  CHECK_FALSE(run.takes_from_cache());
  CHECK(run.cached().size() == 2);
}

TEST_CASE("a file whose stamp the index knows is not read again") {
  const CachedFolder run;
  const auto remember = [&](const std::string& bytes) {
    const ImageFolder folder(run.folder.path());
    ContentIndex index(run.index(), current_time() + 60'000'000'000);
    index.remember({folder.stamp("images/2.png"), digest_of(bytes)});
    index.write();
  };
  const std::string old = read_file(run.image());
  write_random_image(run.image(), 32, 32, 77);
  remember(old);  // not true: a run that reads the file would look for other pixels
  run.pixels();
  CHECK(run.cached().size() == 1);
  std::filesystem::last_write_time(run.image(), std::filesystem::file_time_type());
  run.pixels();
  CHECK(run.cached().size() == 2);
}

TEST_CASE("another box or margin has a cache of its own") {
  CachedFolder run;
  const auto boxed = [&](const std::string& last, const Range& margin) {
    write_text(run.folder.csv_path(),
               "filename,angle,a,b,c,d\nimages/0.png,0,0,0,8,8\n"
               "images/1.png,1,0,0,8,8\nimages/2.png,2," +
                   last + "\n");
    run.folder.data.box = {"a", "b", "c", "d"};
    run.folder.data.crop_margin = margin;
    run.pixels();
    return run.cached().size();
  };
  CHECK(boxed("0,0,8,8", {0, 0}) == 2);
  CHECK(boxed("0,0,8,9", {0, 0}) == 3);
  CHECK(boxed("0,0,8,9", {0.5, 0.5}) == 4);
  CHECK(boxed("0,0,8,9", {0, 0}) == 4);
}

TEST_CASE("a run remembers what is in its files, whether it decodes them or not") {
  CachedFolder run;
  const std::filesystem::path images = MOBIREG_SOURCE_DIR "/docs/images";  // older than the run
  const std::string name = "synth.png";
  write_text(run.folder.csv_path(),
             "filename,angle\n" + name + ",0\n" + name + ",1\n" + name + ",2\n");
  run.folder.data.directory = images;
  const FileStamp stamp = ImageFolder(images).stamp(name);
  for (const int runs : {1, 2}) {
    INFO(runs);
    run.pixels();
    CHECK(run.cached().size() == 2);
    CHECK(ContentIndex(run.index()).find(stamp) == digest_of(read_file(images / name)));
    std::filesystem::remove(run.index());
  }
}

TEST_CASE("a damaged index costs nothing but reading the files") {
  const CachedFolder run;
  write_text(run.index(), "no index");
  CHECK(run.takes_from_cache());
}

}  // namespace
}  // namespace mobireg
