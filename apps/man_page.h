#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace mobireg {

/// The page of section 1 about an app, in roff with the `man` macros, from what --help says.
std::string man_page(const CLI::App& app);

}  // namespace mobireg
