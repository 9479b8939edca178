#pragma once

#include <fmt/format.h>

#include <utility>

#include "mobireg/core/error.h"

namespace mobireg {

/// Throws `Error` with a formatted message.
template <typename... Args>
[[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) {
  throw Error(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace mobireg
