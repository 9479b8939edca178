#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mobireg {

/// The lines of a text that are not blank, without the spaces around them.
std::vector<std::string_view> lines_of(std::string_view text);

/// The numbers of a line, between spaces or tabs. Throws Error (why, without the file's name) for a
/// word that is none, a number that is not finite, and a count other than `count`.
std::vector<double> numbers_of(std::string_view line, std::size_t count);

}  // namespace mobireg
