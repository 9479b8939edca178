#include "man_page.h"

#include <cctype>
#include <sstream>

#include "app_options.h"
#include "mobireg/core/version.h"

namespace mobireg {
namespace {

/// Text that roff prints as it stands. Hyphens become minus signs, which can be searched and
/// copied.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '\\') result += "\\e";
    if (c == '-') result += "\\-";
    if (c != '\\' && c != '-') result += c;
  }
  return result;
}

/// A line of its own: a dot or an apostrophe at its start would be a request.
std::string line(const std::string& text) {
  const bool is_request = !text.empty() && (text[0] == '.' || text[0] == '\'');
  return (is_request ? "\\&" : "") + escaped(text) + "\n";
}

std::string lines(const std::string& text) {
  std::string result;
  std::istringstream stream(text);
  for (std::string one; std::getline(stream, one);) result += line(one);
  return result;
}

std::string bold(const std::string& text) { return "\\fB" + escaped(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + escaped(text) + "\\fR"; }

std::string values_of(const AppOption& option) {
  std::string text;
  for (const std::string& choice : option.choices) text += (text.empty() ? "" : "|") + bold(choice);
  return text.empty() ? italic(option.value) : text;
}

std::string option_entry(const AppOption& option) {
  std::string head;
  for (const std::string& name : option.names) head += (head.empty() ? "" : ", ") + bold(name);
  if (option.names.empty()) {
    head = italic(option.value);
  } else if (!option.value.empty()) {
    head += " " + values_of(option);
  }
  if (option.repeats) head += " ...";
  std::string text = ".TP\n" + head + "\n" + line(option.description);
  if (option.names.empty() && !option.choices.empty()) text += "(" + values_of(option) + ")\n";
  if (!option.standard.empty()) text += "(default: " + escaped(option.standard) + ")\n";
  return text;
}

std::string option_entries(const CLI::App& app, bool arguments) {
  std::string text;
  for (const AppOption& option : options_of(app)) {
    if (option.names.empty() == arguments) text += option_entry(option);
  }
  return text;
}

std::string section(const std::string& title, const std::string& text) {
  return text.empty() ? "" : ".SH " + title + "\n" + text;
}

std::string synopsis(const CLI::App& app) {
  std::string text = bold(app.get_name()) + " [" + italic("OPTIONS") + "]";
  for (const AppOption& option : options_of(app)) {
    if (!option.names.empty()) continue;
    const std::string name = italic(option.value) + (option.repeats ? "..." : "");
    text += option.required ? " " + name : " [" + name + "]";
  }
  if (!commands_of(app).empty()) text += " " + italic("COMMAND") + " [" + italic("OPTIONS") + "]";
  return text + "\n";
}

std::string commands(const CLI::App& app) {
  std::string text;
  for (const CLI::App* command : commands_of(app)) {
    text += ".SS " + escaped(app.get_name() + " " + command->get_name()) + "\n" +
            lines(command->get_description()) + option_entries(*command, true) +
            option_entries(*command, false);
  }
  return text;
}

/// What stands below "Examples:".
std::string examples(const CLI::App& app) {
  const std::string footer = app.get_footer();
  return ".nf\n" + lines(footer.substr(footer.find('\n') + 1)) + ".fi\n";
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

std::string summary(const CLI::App& app) {
  std::string text = summary_of(app);
  text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return escaped(app.get_name()) + " \\- " + escaped(text) + "\n";
}

constexpr const char* kExitStatus =
    ".TP\n0\nDone.\n"
    ".TP\n1\nFailed; one line on standard error says why.\n"
    ".TP\n2\nThe arguments are wrong, or there are none.\n"
    ".TP\n130\nStopped by a signal.\n";

}  // namespace

std::string man_page(const CLI::App& app) {
  return ".TH " + upper(app.get_name()) + " 1 \"\" \"mobireg " + version() +
         "\" \"User Commands\"\n" + section("NAME", summary(app)) +
         section("SYNOPSIS", synopsis(app)) + section("DESCRIPTION", lines(app.get_description())) +
         section("ARGUMENTS", option_entries(app, true)) +
         section("OPTIONS", option_entries(app, false)) + section("COMMANDS", commands(app)) +
         section("EXAMPLES", examples(app)) + section("EXIT STATUS", kExitStatus);
}

}  // namespace mobireg
