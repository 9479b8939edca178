#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace mobireg {

/// An option or argument of an app, as its man page and its completion in a shell show it.
struct AppOption {
  std::vector<std::string> names;    // -o, --output; of an argument: empty
  std::string value;                 // INT, FIELD=VALUE; an argument's name; empty: a flag
  std::vector<std::string> choices;  // its only values; empty: any
  std::string standard;              // its value where none is given, if that is shown
  std::string description;
  bool required = false;
  bool repeats = false;
};

/// What --help lists, in its order.
std::vector<AppOption> options_of(const CLI::App& app);

std::vector<const CLI::App*> commands_of(const CLI::App& app);

/// The first sentence of a description, or what stands before its colon: "Draws heads at known
/// angles".
std::string summary_of(const CLI::App& app);

}  // namespace mobireg
