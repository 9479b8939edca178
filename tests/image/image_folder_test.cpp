#include "image/image_folder.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <string>
#include <utility>

#include "data/labelled_folder.h"
#include "image/pillow_images.h"
#include "mobireg/core/error.h"
#include "temporary_folder.h"

namespace mobireg {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

constexpr std::uint64_t kMaxPixels = 64'000'000;

/// `outside.png` beside the folder `data`, which holds `a.png` and `sub/b.png`.
class TestFolder {
 public:
  TestFolder() {
    fs::create_directories(path() / "sub");
    const std::string png = image_file("PNG RGB");
    for (const char* name : {"a.png", "sub/b.png", "../outside.png"}) write(name, png);
  }

  fs::path path() const { return folder_.path() / "data"; }
  void write(const std::string& name, const std::string& bytes) const {
    write_text(path() / name, bytes);
  }
  void link(const fs::path& target, const std::string& name) const {
    fs::create_symlink(target, path() / name);
  }

 private:
  TemporaryFolder folder_;
};

PathCheck either_check() { return GENERATE(PathCheck::kKernel, PathCheck::kCanonicalPath); }

std::string error_of(const ImageFolder& folder, const std::string& filename) {
  std::string message;
  try {
    folder.read(filename);
  } catch (const Error& error) {
    message = error.what();
  }
  CHECK_THROWS_WITH(folder.header(filename, kMaxPixels), message);
  return message;
}

/// Files are opened without the rights of a superuser.
class WithoutPrivileges {
 public:
  WithoutPrivileges() : user_(::geteuid()) { REQUIRE((user_ != 0 || ::seteuid(65534) == 0)); }
  WithoutPrivileges(const WithoutPrivileges&) = delete;
  WithoutPrivileges& operator=(const WithoutPrivileges&) = delete;
  ~WithoutPrivileges() {
    if (::seteuid(user_) != 0) std::abort();
  }

 private:
  uid_t user_;
};

TEST_CASE("files are found beneath the folder, by relative and absolute path and through links") {
  const TestFolder files;
  files.link("sub/b.png", "relative");
  files.link(files.path() / "a.png", "absolute");
  files.link("sub", "folder");
  const ImageFolder folder(files.path(), either_check());
  for (const std::string& name :
       {"a.png"s, "sub/b.png"s, "./sub//b.png"s, "sub/../a.png"s, (files.path() / "a.png").string(),
        (files.path() / "sub/../sub/b.png").string(), "relative"s, "absolute"s, "folder/b.png"s}) {
    INFO(name);
    CHECK(folder.read(name) == image_file("PNG RGB"));
    CHECK(folder.header(name, kMaxPixels).width == 7);
    CHECK(folder.stamp(name).size == image_file("PNG RGB").size());
  }
}

TEST_CASE("a folder may be given by a link or a path with detours") {
  const TestFolder files;
  files.link(".", "self");
  const ImageFolder folder(files.path() / "sub/../self", either_check());
  CHECK(folder.path() == files.path() / "sub/../self");
  CHECK(folder.read("a.png").size() == image_file("PNG RGB").size());
  CHECK(folder.read((files.path() / "self/a.png").string()).size() > 0);
}

TEST_CASE("what lies outside the folder is refused") {
  const TestFolder files;
  files.link("../outside.png", "relative");
  files.link(files.path() / "../outside.png", "absolute");
  files.link("..", "folder");
  files.link("/dev/null", "device");
  fs::create_directory(files.path().string() + "2");  // its name begins with the folder's
  files.write("../data2/c.png", image_file("PNG RGB"));
  const ImageFolder folder(files.path(), either_check());
  for (const std::string& name :
       {"../outside.png"s, "sub/../../outside.png"s, (files.path() / "../outside.png").string(),
        files.path().string() + "2/c.png", "/dev/zero"s, "/"s, "relative"s, "absolute"s,
        "folder/outside.png"s, "device"s}) {
    CHECK(error_of(folder, name) == "'" + name + "': it lies outside the data folder");
  }
  CHECK_NOTHROW(folder.read("folder/data/a.png"));  // out and in again
}

TEST_CASE("what is no readable regular file is refused, and not waited for") {
  const TestFolder files;
  files.link("loop2", "loop1");
  files.link("loop1", "loop2");
  files.link("nowhere.png", "dangling");
  fs::create_directory(files.path() / "folder.png");
  REQUIRE(::mkfifo((files.path() / "pipe.png").c_str(), 0666) == 0);
  files.write("empty.png", "");
  const std::string long_name(300, 'x');
  const ImageFolder folder(files.path(), either_check());
  const std::map<std::string, std::string> reasons{
      {"missing.png", "there is no such file in the data folder"},
      {"no/such/folder.png", "there is no such file in the data folder"},
      {"dangling", "there is no such file in the data folder"},
      {"loop1", "its links form a loop"},
      {"folder.png", "it is a folder"},
      {".", "it is a folder"},
      {files.path(), "it is a folder"},
      {"pipe.png", "it is no regular file"},
      {"empty.png", "the image file is empty"},
      {"a.png/b.png", "part of its path is a file, not a folder"},
      {long_name, "its name is too long"},
      {"", "the name is empty"},
  };
  for (const auto& [name, why] : reasons) {
    CHECK(error_of(folder, name) == "'" + name + "': " + why);
  }
}

TEST_CASE("a NUL byte in a name does not cut it") {
  const TestFolder files;
  const ImageFolder folder(files.path());
  CHECK(error_of(folder, "a.png\0.jpg"s) == "'a.png\\x00.jpg': its name has a NUL byte");
}

TEST_CASE("a socket is refused") {
  const TestFolder files;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = files.path() / "socket.png";
  REQUIRE(path.size() < sizeof(address.sun_path));
  path.copy(address.sun_path, path.size());
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  const ImageFolder folder(files.path(), either_check());
  CHECK(error_of(folder, "socket.png") == "'socket.png': it is no regular file");
  ::close(socket);
}

TEST_CASE("a file without permission to read is refused") {
  const TestFolder files;
  fs::permissions(files.path() / "sub/b.png", fs::perms::none);
  const ImageFolder folder(files.path(), either_check());
  const WithoutPrivileges without;
  CHECK(error_of(folder, "sub/b.png") == "'sub/b.png': there is no permission to read it");
}

TEST_CASE("a file of more than 1 GiB is refused") {
  const TestFolder files;
  fs::resize_file(files.path() / "a.png", (std::uintmax_t{1} << 30) + 1);  // sparse
  const ImageFolder folder(files.path());
  CHECK_THROWS_WITH(folder.read("a.png"), "'a.png': it is larger than 1 GiB");
}

TEST_CASE("a file deleted behind its header is refused when it is read") {
  const TestFolder files;
  const ImageFolder folder(files.path());
  CHECK(folder.header("a.png", kMaxPixels).height == 5);
  fs::remove(files.path() / "a.png");
  CHECK(error_of(folder, "a.png") == "'a.png': there is no such file in the data folder");
  CHECK_THROWS_WITH(folder.stamp("a.png"), "'a.png': there is no such file in the data folder");
}

TEST_CASE("a header is read by signature, wherever it lies, and its faults name the file") {
  const TestFolder files;
  const std::string jpeg = image_file("JPEG 4:2:0");
  const std::string segment = "\xFF\xE2\xFF\xFF"s + std::string(65533, '#');
  files.write("wrong extension.png", jpeg.substr(0, 2) + segment + segment + jpeg.substr(2));
  files.write("a.gif", "GIF89a");
  files.write("sub/large.png", replaced(image_file("PNG RGB"), 16, 8, "\0\0\x4E\x20\0\0\x4E\x20"s));
  files.write("cut.jpg", jpeg.substr(0, 100));
  const ImageFolder folder(files.path());
  const ImageHeader header = folder.header("wrong extension.png", kMaxPixels);
  CHECK(header.format == ImageFormat::kJpeg);
  CHECK(header.width == 17);
  CHECK_THROWS_WITH(folder.header("a.gif", kMaxPixels),
                    "'a.gif': it is a GIF file; JPEG, PNG, BMP and PNM are read");
  CHECK_THROWS_WITH(folder.header("sub/large.png", kMaxPixels),
                    "'sub/large.png': the image has 20000x20000 pixels; at most 64 megapixels are "
                    "read");
  CHECK_THROWS_WITH(folder.header("cut.jpg", kMaxPixels),
                    "'cut.jpg': the JPEG file ends too early");
}

TEST_CASE("a file's stamp changes with its contents, even where its time is set back") {
  const TestFolder files;
  const ImageFolder folder(files.path());
  const FileStamp before = folder.stamp("a.png");
  const auto modified = fs::last_write_time(files.path() / "a.png");
  ::usleep(20'000);  // coarser than the file system's clock
  files.write("a.png", image_file("PNG RGB"));
  fs::last_write_time(files.path() / "a.png", modified);
  const FileStamp after = folder.stamp("a.png");
  CHECK(after.size == before.size);
  CHECK(after.inode == before.inode);
  CHECK(after.modified == before.modified);
  CHECK(after.changed > before.changed);
}

TEST_CASE("what is no folder is refused") {
  const TestFolder files;
  const std::string missing = files.path() / "missing";
  const std::string file = files.path() / "a.png";
  CHECK_THROWS_WITH(ImageFolder(missing),
                    "cannot open the image folder '" + missing + "': No such file or directory");
  CHECK_THROWS_WITH(ImageFolder(file),
                    "cannot open the image folder '" + file + "': Not a directory");
}

TEST_CASE("a moved folder still opens its files") {
  const TestFolder files;
  ImageFolder folder(files.path());
  const ImageFolder moved(std::move(folder));
  CHECK(moved.path() == files.path());
  CHECK_NOTHROW(moved.read("sub/b.png"));
}

}  // namespace
}  // namespace mobireg
