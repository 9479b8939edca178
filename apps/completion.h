#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace mobireg {

/// Scripts that complete an app's commands, options, their choices, the fields of --set and files.
std::string bash_completion(const CLI::App& app);
std::string zsh_completion(const CLI::App& app);

}  // namespace mobireg
