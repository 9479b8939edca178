#include "importers/import_log.h"

#include <fmt/format.h>

#include <algorithm>

namespace mobireg {
namespace {

constexpr std::size_t kNamed = 3;

}  // namespace

void ImportLog::add(const std::string& kind, const std::string& what) {
  auto found = std::find_if(kinds_.begin(), kinds_.end(),
                            [&](const Kind& known) { return known.text == kind; });
  if (found == kinds_.end()) found = kinds_.insert(found, {kind, 0, {}});
  ++found->count;
  if (found->first.size() < kNamed) found->first.push_back(what);
}

std::vector<std::string> ImportLog::messages() const {
  std::vector<std::string> lines;
  for (const Kind& kind : kinds_) {
    const bool all = kind.count == static_cast<std::int64_t>(kind.first.size());
    lines.push_back(fmt::format("{}: {}{}", fmt::format(fmt::runtime(kind.text), kind.count),
                                fmt::join(kind.first, "; "), all ? "" : "; ..."));
  }
  return lines;
}

}  // namespace mobireg
