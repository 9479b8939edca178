#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mobireg {

/// Text for HTML, in elements and in quoted attributes. Control characters and bytes that are no
/// UTF-8 become U+FFFD.
std::string escape_html(std::string_view text);

/// RFC 4648.
std::string base64(const void* data, std::size_t size);

/// 1,234,567.
std::string with_commas(std::int64_t number);

/// A number for people: 3 to 4 digits, without trailing zeros; a dash for NaN.
std::string short_number(double value);

/// "1 row", "2 rows".
std::string counted(std::int64_t number, std::string_view noun);

}  // namespace mobireg
