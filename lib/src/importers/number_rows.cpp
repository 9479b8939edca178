#include "importers/number_rows.h"

#include <charconv>
#include <cmath>

#include "core/fail.h"
#include "mobireg/core/text.h"

namespace mobireg {
namespace {

constexpr std::string_view kSpaces = " \t\r\n";

double number(std::string_view word) {
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size()) {
    fail("{} is no number", in_quotes(word));
  }
  if (!std::isfinite(value)) fail("{} is not finite", in_quotes(word));
  return value;
}

/// Cuts the text up to the next of `ends` off its front.
std::string_view take_until(std::string_view& text, std::string_view ends) {
  const std::string_view part = text.substr(0, text.find_first_of(ends));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return part;
}

}  // namespace

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    std::string_view line = take_until(text, "\r\n");
    const std::size_t begin = line.find_first_not_of(kSpaces);
    if (begin == std::string_view::npos) continue;
    lines.push_back(line.substr(begin, line.find_last_not_of(kSpaces) + 1 - begin));
  }
  return lines;
}

std::vector<double> numbers_of(std::string_view line, std::size_t count) {
  std::vector<double> numbers;
  std::string_view rest = line;
  while (!rest.empty()) {
    const std::string_view word = take_until(rest, kSpaces);
    if (!word.empty()) numbers.push_back(number(word));
  }
  if (numbers.size() != count) {
    fail("{} has {} numbers where {} are expected", in_quotes(line), numbers.size(), count);
  }
  return numbers;
}

}  // namespace mobireg
