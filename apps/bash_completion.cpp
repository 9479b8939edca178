#include "completion.h"
#include "shell_words.h"

namespace mobireg {
namespace {

/// The case of bash that completes the values of an option. `command`: what the option belongs to.
std::string bash_values(const AppOption& option, const std::string& command) {
  Strings patterns;
  for (const std::string& name : option.names) patterns.push_back(quoted(command + " " + name));
  const std::string pattern = "    " + joined(patterns, " | ") + ") ";
  if (is_field(option)) {
    return pattern + "words=" + quoted(field_words()) + "; compopt -o nospace ;;\n";
  }
  if (is_number(option)) return pattern + "return ;;\n";
  return pattern + (is_file(option) ? "files=1" : "words=" + quoted(joined(option.choices))) +
         " ;;\n";
}

/// The case of bash that completes what stands by itself.
std::string bash_words(const CLI::App& app, const std::string& command) {
  Strings options;
  Strings words;
  bool files = false;
  for (const CLI::App* one : commands_of(app)) words.push_back(one->get_name());
  for (const AppOption& option : options_of(app)) {
    options.insert(options.end(), option.names.begin(), option.names.end());
    if (!option.names.empty()) continue;
    words.insert(words.end(), option.choices.begin(), option.choices.end());
    files = files || is_file(option);
  }
  return "        " + quoted(command) + ") options=" + quoted(joined(options)) +
         " words=" + quoted(joined(words)) + (files ? " files=1" : "") + " ;;\n";
}

}  // namespace

std::string bash_completion(const CLI::App& app) {
  std::string values;
  std::string words;
  Strings commands;
  const auto add = [&](const CLI::App& part, const std::string& command) {
    for (const AppOption& option : options_of(part)) {
      if (!option.names.empty() && !option.value.empty()) values += bash_values(option, command);
    }
    words += bash_words(part, command);
  };
  add(app, "");
  for (const CLI::App* command : commands_of(app)) {
    add(*command, command->get_name());
    commands.push_back(command->get_name());
  }
  const std::string find_command =
      "  local i\n  for ((i = 1; i < COMP_CWORD; ++i)); do\n    case \"${COMP_WORDS[i]}\" in\n"
      "      " +
      joined(commands, " | ") +
      ") command=\"${COMP_WORDS[i]}\" && break ;;\n"
      "    esac\n  done\n";
  return heading(app, "bash") + function_of(app) + "() {\n" +
         R"(  local word="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD - 1]}"
  local command='' options='' words='' files=''
  COMPREPLY=()
  if [[ $word == '=' ]]; then
    word=''
  elif [[ $previous == '=' ]]; then
    previous="${COMP_WORDS[COMP_CWORD - 2]}"
  fi
)" + (commands.empty() ? "" : find_command) +
         "  case \"$command $previous\" in\n" + values + "    *)\n      case \"$command\" in\n" +
         words +
         R"(      esac
      [[ $word == -* ]] && words=$options files=''
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  if [[ $files ]]; then
    compopt -o filenames
    mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$word")
  fi
}
complete -F )" +
         function_of(app) + " " + app.get_name() + "\n";
}

}  // namespace mobireg
