#include "deploy/unverified_files.h"

#include "core/fail.h"
#include "mobireg/core/file.h"

namespace mobireg {
namespace {

std::filesystem::path unverified(std::filesystem::path path) { return path += ".unverified"; }

}  // namespace

UnverifiedFiles::~UnverifiedFiles() {
  std::error_code ignored;
  for (const auto& path : paths_) std::filesystem::remove(unverified(path), ignored);
}

std::filesystem::path UnverifiedFiles::add(const std::filesystem::path& path,
                                           std::string_view contents) {
  write_file_atomically(unverified(path), contents);
  paths_.push_back(path);
  return unverified(path);
}

void UnverifiedFiles::publish() {
  for (const auto& path : paths_) {
    std::error_code error;
    std::filesystem::rename(unverified(path), path, error);
    if (error) fail("{}: cannot be written: {}", path.string(), error.message());
  }
  paths_.clear();
}

}  // namespace mobireg
