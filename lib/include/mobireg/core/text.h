#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mobireg {

/// The entry of `names` that `name` is most likely a misspelling of, for "did you mean" messages:
/// the nearest by Damerau-Levenshtein distance (adjacent letters swapped, inserted, left out or
/// replaced; upper and lower case alike; the first of equals). Empty when none is nearer than a
/// third of the name's length, or one letter for short names.
std::string nearest_name(std::string_view name, const std::vector<std::string>& names);

/// `text` with its control characters, line ends among them, as `\x1b`.
std::string escape_controls(std::string_view text);

/// `text` in single quotes for a one-line message: control characters escaped, cut after
/// `max_bytes`.
std::string in_quotes(std::string_view text, std::size_t max_bytes = 60);

/// Expands braces as bash does, from left to right with the last brace fastest: `x{0..3}` is x0 x1
/// x2 x3, `{a,b}_{0..1}` is a_0 a_1 b_0 b_1. Ranges of integers may fall (`{3..0}`), have a step
/// (`{0..10..2}`) and leading zeros (`{00..10}`); lists may nest. Text without braces is itself.
///
/// Unlike bash, which leaves them as they stand, refuses (`Error`) unbalanced braces, braces that
/// hold neither a list nor a range of integers, and more than 100,000 results.
std::vector<std::string> expand_braces(std::string_view pattern);

}  // namespace mobireg
