#pragma once

#include <string>
#include <vector>

#include "app_options.h"

namespace mobireg {

// What the completions of all shells are made of.

using Strings = std::vector<std::string>;

std::string replaced(std::string text, const std::string& what, const std::string& by);

/// As one word of a shell.
std::string quoted(const std::string& text);

std::string joined(const Strings& words, const std::string& between = " ");

/// The name of an app's completion function.
std::string function_of(const CLI::App& app);

/// A comment that says where the script is from.
std::string heading(const CLI::App& app, const std::string& shell);

/// What stands behind an option: a field of a config and its value, a number, or, where it has no
/// choices either, a file.
bool is_field(const AppOption& option);
bool is_number(const AppOption& option);
bool is_file(const AppOption& option);

/// The names of fields, each with `=` behind it.
std::string field_words();

}  // namespace mobireg
