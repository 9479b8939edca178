#include "app.h"

#include <malloc.h>
#include <signal.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <exception>

#include "mobireg/core/version.h"

namespace mobireg {
namespace {

std::atomic<bool> stop_requested{false};

void handle_signal(int) {
  if (stop_requested.exchange(true)) _exit(130);
  constexpr char kText[] = "\nfinishing and saving; once more quits at once\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kText, sizeof(kText) - 1);
}

/// The first line: c10's exceptions carry a backtrace after it.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

void describe(CLI::App& app, const std::string& what, const std::string& examples) {
  app.description(what);
  app.footer("Examples:\n" + examples);
  app.set_version_flag("--version", std::string("mobireg ") + version());
  app.get_formatter()->column_width(36);
}

int run_app(CLI::App& app, int argc, char** argv, const std::function<int()>& body) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "%s: %s; see --help\n", app.get_name().c_str(), error.what());
    return 2;
  }
  try {
    return body();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", app.get_name().c_str(), first_line(error.what()).c_str());
    return 1;
  }
}

const std::atomic<bool>& stop_on_signals() {
  struct sigaction action {};
  action.sa_handler = handle_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  return stop_requested;
}

void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  mallopt(M_TOP_PAD, 64 << 20);
}

bool on_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

}  // namespace mobireg
