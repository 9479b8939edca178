#include "app_options.h"

#include <algorithm>
#include <sstream>

namespace mobireg {
namespace {

/// "{a,b}" as a and b.
std::vector<std::string> members(const std::string& set) {
  std::vector<std::string> names;
  if (set.size() < 2 || set.front() != '{' || set.back() != '}') return names;
  std::istringstream stream(set.substr(1, set.size() - 2));
  for (std::string name; std::getline(stream, name, ',');) names.push_back(name);
  return names;
}

AppOption described(const CLI::Option& option) {
  AppOption result;
  for (const std::string& name : option.get_snames()) result.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) result.names.push_back("--" + name);
  result.description = option.get_description();
  result.required = option.get_required();
  result.repeats = option.get_expected_max() >= CLI::detail::expected_max_vector_size;
  if (option.get_type_size() == 0) return result;
  const std::string type = option.get_type_name();  // TEXT:{a,b}
  const std::size_t colon = type.find(':');
  result.value = option.get_positional() ? option.get_name(true) : type.substr(0, colon);
  result.standard = option.get_default_str();
  if (colon != std::string::npos) result.choices = members(type.substr(colon + 1));
  return result;
}

/// CLI11 keeps a group of options as a command without a name, with a --help of its own.
bool is_group(const CLI::App* part) { return part->get_name().empty(); }

}  // namespace

std::vector<AppOption> options_of(const CLI::App& app) {
  std::vector<AppOption> options;
  for (const CLI::Option* option : app.get_options({})) {
    const bool again = is_group(&app) && option == app.get_help_ptr();
    if (!option->get_group().empty() && !again) options.push_back(described(*option));
  }
  for (const CLI::App* group : app.get_subcommands(is_group)) {
    for (AppOption& option : options_of(*group)) options.push_back(std::move(option));
  }
  return options;
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* part) { return !is_group(part); });
}

std::string summary_of(const CLI::App& app) {
  std::string text = app.get_description();
  for (char& c : text) c = c == '\n' ? ' ' : c;
  return text.substr(0,
                     std::min({text.find(". "), text.find(": "), text.find_last_not_of('.') + 1}));
}

}  // namespace mobireg
