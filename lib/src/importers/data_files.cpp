#include "importers/data_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <system_error>

#include "core/fail.h"
#include "mobireg/core/text.h"

namespace mobireg {
namespace {

namespace fs = std::filesystem;

bool ends_with(std::string_view text, std::string_view end) {
  const auto same = [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b);
  };
  return text.size() >= end.size() &&
         std::equal(end.begin(), end.end(), text.end() - static_cast<std::ptrdiff_t>(end.size()),
                    same);
}

[[noreturn]] void fail_folder(const fs::path& folder, const std::string& why) {
  fail("cannot read the folder {}: {}", in_quotes(folder.string(), 1000), why);
}

}  // namespace

std::vector<std::string> list_files(const fs::path& folder) {
  std::vector<std::string> files;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    std::error_code unknown;  // a broken link is no file
    if (name.front() == '.') {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file(unknown)) {
      files.push_back(entry->path().lexically_relative(folder).generic_string());
    }
  }
  if (error) fail_folder(folder, error.message());
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> without_folders(const std::vector<std::string>& files,
                                         const std::vector<std::string_view>& folders) {
  std::vector<std::string> kept;
  std::copy_if(files.begin(), files.end(), std::back_inserter(kept), [&](const std::string& file) {
    return std::none_of(folders.begin(), folders.end(), [&](std::string_view folder) {
      return ("/" + folder_of(file)).find(fmt::format("/{}/", folder)) != std::string::npos;
    });
  });
  return kept;
}

bool is_image(std::string_view file) {
  constexpr std::string_view kEnds[] = {".jpg", ".jpeg", ".png", ".bmp", ".ppm", ".pgm"};
  return std::any_of(std::begin(kEnds), std::end(kEnds),
                     [&](std::string_view end) { return ends_with(file, end); });
}

std::string without_extension(const std::string& file) { return file.substr(0, file.rfind('.')); }

std::string folder_of(const std::string& file) { return file.substr(0, file.rfind('/') + 1); }

std::string stem_of(const std::string& file) {
  return without_extension(file.substr(file.rfind('/') + 1));
}

std::vector<FilePair> pair_files(const std::vector<std::string>& files, const PairNames& names,
                                 ImportLog& log) {
  std::map<std::string, std::string> labels;
  for (const std::string& file : files) {
    if (!ends_with(file, names.label)) continue;
    labels.emplace(file.substr(0, file.size() - names.label.size()), file);
  }
  std::vector<FilePair> pairs;
  for (const std::string& file : files) {
    const std::string stem = without_extension(file);
    if (!is_image(file) || !ends_with(stem, names.image)) continue;
    const auto label = labels.find(stem.substr(0, stem.size() - names.image.size()));
    if (label == labels.end()) {
      log.add(fmt::format("left out {{}} images without a {} file", names.label), file);
      continue;
    }
    pairs.push_back({file, label->second});
    labels.erase(label);
  }
  for (const auto& [stem, file] : labels) {
    log.add(fmt::format("left out {{}} {} files without an image", names.label), file);
  }
  return pairs;
}

}  // namespace mobireg
