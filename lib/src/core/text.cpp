#include "mobireg/core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "core/fail.h"

namespace mobireg {
namespace {

constexpr std::size_t kMaxExpansions = 100'000;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Damerau-Levenshtein distance without repeated edits (optimal string alignment), case ignored.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before, previous(b.size() + 1), current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, previous[j - 1] + !same});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                           lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) current[j] = std::min(current[j], before[j - 2] + 1);
    }
    before = previous;
    previous = current;
  }
  return previous[b.size()];
}

/// Integers only, all of `text`.
std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// `text` cut at every comma outside of inner braces.
std::vector<std::string_view> split_list(std::string_view text) {
  std::vector<std::string_view> parts;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    depth += (text[i] == '{') - (text[i] == '}');
    if (text[i] != ',' || depth > 0) continue;
    parts.push_back(text.substr(begin, i - begin));
    begin = i + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

[[noreturn]] void fail_count(std::string_view pattern) {
  fail("{} expands to more than {} names", in_quotes(pattern), kMaxExpansions);
}

bool has_leading_zero(std::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  return text.size() > 1 && text[0] == '0';
}

/// The names of `first..last` or `first..last..step`; nothing when `text` is no range.
std::vector<std::string> expand_range(std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) return {};
  const std::string_view first_text = text.substr(0, dots);
  std::string_view last_text = text.substr(dots + 2);
  std::optional<std::int64_t> step = 1;
  if (const std::size_t more = last_text.find(".."); more != std::string_view::npos) {
    step = parse_integer(last_text.substr(more + 2));
    last_text = last_text.substr(0, more);
  }
  const auto first = parse_integer(first_text);
  const auto last = parse_integer(last_text);
  if (!first || !last || !step || *step == 0) return {};

  // Unsigned, since the distance between two int64 need not fit one.
  const bool falls = *first > *last;
  const std::uint64_t low = falls ? *last : *first;
  const std::uint64_t span = (falls ? *first : *last) - low;
  const std::uint64_t stride = *step < 0 ? -static_cast<std::uint64_t>(*step) : *step;
  if (span / stride >= kMaxExpansions) fail_count(text);
  const bool padded = has_leading_zero(first_text) || has_leading_zero(last_text);
  const std::size_t width = padded ? std::max(first_text.size(), last_text.size()) : 0;

  std::vector<std::string> names;
  for (std::uint64_t i = 0; i <= span / stride; ++i) {
    const std::uint64_t start = *first;
    const auto value = static_cast<std::int64_t>(falls ? start - i * stride : start + i * stride);
    names.push_back(fmt::format("{:0{}}", value, width));
  }
  return names;
}

/// What stands between a pair of braces.
std::vector<std::string> expand_group(std::string_view group) {
  const std::vector<std::string_view> parts = split_list(group);
  std::vector<std::string> names;
  if (parts.size() == 1) {
    names = expand_range(group);
    if (names.empty()) {
      fail("{} in braces is neither a list 'a,b' nor a range '0..9'", in_quotes(group));
    }
    return names;
  }
  for (const std::string_view part : parts) {
    for (std::string& name : expand_braces(part)) names.push_back(std::move(name));
  }
  return names;
}

/// Position of the brace that closes the one at `open`.
std::size_t matching_brace(std::string_view pattern, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < pattern.size(); ++i) {
    depth += (pattern[i] == '{') - (pattern[i] == '}');
    if (depth == 0) return i;
  }
  fail("unbalanced brace in {}", in_quotes(pattern));
}

}  // namespace

std::string nearest_name(std::string_view name, const std::vector<std::string>& names) {
  std::size_t best_distance = std::max<std::size_t>(1, name.size() / 3) + 1;
  std::string best;
  for (const std::string& candidate : names) {
    // The distance is at least the difference of the lengths.
    const std::size_t longer = std::max(candidate.size(), name.size());
    if (longer - std::min(candidate.size(), name.size()) >= best_distance) continue;
    const std::size_t distance = edit_distance(name, candidate);
    if (distance >= std::min(best_distance, longer)) continue;
    best_distance = distance;
    best = candidate;
  }
  return best;
}

std::string escape_controls(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      result += fmt::format("\\x{:02x}", byte);
    } else {
      result += c;
    }
  }
  return result;
}

std::string in_quotes(std::string_view text, std::size_t max_bytes) {
  return "'" + escape_controls(text.substr(0, max_bytes)) +
         (text.size() > max_bytes ? "...'" : "'");
}

std::vector<std::string> expand_braces(std::string_view pattern) {
  const std::size_t brace = pattern.find_first_of("{}");
  if (brace == std::string_view::npos) return {std::string(pattern)};
  if (pattern[brace] == '}') fail("unbalanced brace in {}", in_quotes(pattern));
  const std::size_t close = matching_brace(pattern, brace);
  const std::string_view before = pattern.substr(0, brace);
  const std::vector<std::string> middles =
      expand_group(pattern.substr(brace + 1, close - brace - 1));
  const std::vector<std::string> endings = expand_braces(pattern.substr(close + 1));

  if (middles.size() * endings.size() > kMaxExpansions) fail_count(pattern);
  std::vector<std::string> names;
  for (const std::string& middle : middles) {
    for (const std::string& ending : endings)
      names.push_back(fmt::format("{}{}{}", before, middle, ending));
  }
  return names;
}

}  // namespace mobireg
