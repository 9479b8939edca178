#include "completion.h"
#include "shell_words.h"

namespace mobireg {
namespace {

constexpr const char* kFieldAction = "{compadd -S \"\" -a fields}";

std::string zsh_action(const AppOption& option) {
  if (is_field(option)) return kFieldAction;
  if (is_number(option)) return " ";
  return is_file(option) ? "_files" : "(" + joined(option.choices) + ")";
}

std::string zsh_text(std::string text) {
  for (const char* special : {"\\", "[", "]", ":"}) {
    text = replaced(text, special, std::string("\\") + special);
  }
  return replaced(text, "\n", " ");
}

/// A line of zsh's _arguments.
std::string zsh_spec(const AppOption& option) {
  const std::string value =
      option.value.empty() ? "" : ":" + zsh_text(option.value) + ":" + zsh_action(option);
  const std::string repeats = option.repeats ? "*" : "";
  if (option.names.empty()) {
    return quoted((option.repeats ? "*" : option.required ? "" : ":") + value);
  }
  const std::string text = "[" + zsh_text(option.description) + "]" + value;
  if (option.names.size() == 1) return quoted(repeats + option.names[0] + text);
  const std::string excluded = option.repeats ? "*" : "(" + joined(option.names) + ")";
  return quoted(excluded) + "{" + joined(option.names, ",") + "}" + quoted(text);
}

std::string zsh_arguments(const CLI::App& app, const std::string& indent) {
  Strings specs;
  for (const AppOption& option : options_of(app)) specs.push_back(zsh_spec(option));
  Strings commands;
  for (const CLI::App* command : commands_of(app)) {
    commands.push_back(command->get_name() + "\\:\"" + zsh_text(summary_of(*command)) + "\"");
  }
  if (!commands.empty()) {
    specs.push_back(quoted("1:COMMAND:((" + joined(commands) + "))"));
    specs.push_back(quoted("*::ARGUMENT:->arguments"));
  }
  const std::string start = commands.empty() ? "_arguments" : "_arguments -C";
  return indent + start + " \\\n" + indent + "  " + joined(specs, " \\\n" + indent + "  ") + "\n";
}

}  // namespace

std::string zsh_completion(const CLI::App& app) {
  const std::string function = function_of(app);
  std::string body = zsh_arguments(app, "  ");
  if (!commands_of(app).empty()) {
    body += "  [[ $state == arguments ]] || return\n  case $line[1] in\n";
    for (const CLI::App* command : commands_of(app)) {
      body +=
          "    " + command->get_name() + ")\n" + zsh_arguments(*command, "      ") + "      ;;\n";
    }
    body += "  esac\n";
  }
  if (body.find(kFieldAction) != std::string::npos) {
    body = "  local -a fields\n  fields=(" + field_words() + ")\n" + body;
  }
  return "#compdef " + app.get_name() + "\n" + heading(app, "zsh") + function +
         "() {\n  local state line\n" + body + "}\nif [[ $funcstack[1] == " + function +
         " ]]; then\n  " + function + " \"$@\"\nelse\n  compdef " + function + " " +
         app.get_name() + "\nfi\n";
}

}  // namespace mobireg
