#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

namespace mobireg {

/// Files that lie as NAME.unverified beside where they belong until `publish`, and are removed when
/// it does not come to that.
class UnverifiedFiles {
 public:
  UnverifiedFiles() = default;
  UnverifiedFiles(const UnverifiedFiles&) = delete;
  UnverifiedFiles& operator=(const UnverifiedFiles&) = delete;
  ~UnverifiedFiles();

  /// Returns where the file lies for now. Throws Error when it cannot be written.
  std::filesystem::path add(const std::filesystem::path& path, std::string_view contents);

  /// Gives all of them their names. Throws Error when one cannot have it.
  void publish();

 private:
  std::vector<std::filesystem::path> paths_;
};

}  // namespace mobireg
