#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mobireg {

/// What an import has to tell about files, by kind.
class ImportLog {
 public:
  /// `kind` has {} for the number of files: "left out {} images without a .mat file".
  void add(const std::string& kind, const std::string& what);

  /// One line a kind, in the order they first came up: the number and the first three.
  std::vector<std::string> messages() const;

 private:
  struct Kind {
    std::string text;
    std::int64_t count = 0;
    std::vector<std::string> first;
  };
  std::vector<Kind> kinds_;
};

}  // namespace mobireg
