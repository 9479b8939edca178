#include "shell_words.h"

#include "mobireg/config/run_config.h"

namespace mobireg {

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

std::string quoted(const std::string& text) { return "'" + replaced(text, "'", "'\\''") + "'"; }

std::string joined(const Strings& words, const std::string& between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

std::string function_of(const CLI::App& app) { return "_" + replaced(app.get_name(), "-", "_"); }

std::string heading(const CLI::App& app, const std::string& shell) {
  return "# Completion of " + app.get_name() + " in " + shell + "; printed by " + app.get_name() +
         " --completion " + shell + ".\n";
}

bool is_field(const AppOption& option) { return option.value == "FIELD=VALUE"; }

bool is_number(const AppOption& option) {
  return option.value == "INT" || option.value == "UINT" || option.value == "FLOAT";
}

bool is_file(const AppOption& option) {
  return option.choices.empty() && !is_field(option) && !is_number(option);
}

std::string field_words() { return joined(config_field_names(), "= ") + "="; }

}  // namespace mobireg
