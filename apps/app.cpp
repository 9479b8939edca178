#include "app.h"

#include <malloc.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <climits>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>

#include "completion.h"
#include "man_page.h"
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

/// What the app is for, how it is called, and its examples: --help without the options.
std::string short_help(const CLI::App& app) {
  const CLI::Formatter formatter;
  return formatter.make_description(&app) + formatter.make_usage(&app, app.get_name()) + "\n" +
         formatter.make_footer(&app) + "\n--help lists the options.\n";
}

void add_pages(CLI::App& app) {
  const auto print = [](const std::string& text) {
    std::cout << text;
    throw CLI::Success();
  };
  app.add_flag_callback(
      "--man", [&app, print] { print(man_page(app)); }, "Print the man page and exit");
  app.add_option_function<std::string>(
         "--completion",
         [&app, print](const std::string& shell) {
           print(shell == "bash" ? bash_completion(app) : zsh_completion(app));
         },
         "Print the completion for a shell and exit")
      ->check(CLI::IsMember({"bash", "zsh"}));
}

}  // namespace

void describe(CLI::App& app, const std::string& what, const std::string& examples) {
  app.description(what);
  app.footer("Examples:\n" + examples);
  app.set_version_flag("--version", std::string("mobireg ") + version());
  app.get_formatter()->column_width(36);
  add_pages(app);
}

int run_app(CLI::App& app, int argc, char** argv, const std::function<int()>& body) {
  if (argc == 1) {
    std::cerr << short_help(app);
    return 2;
  }
  try {
    app.parse(argc, argv);
    return body();
  } catch (const CLI::Success& printed) {
    return app.exit(printed);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "%s: %s; see --help\n", app.get_name().c_str(), error.what());
    return 2;
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

namespace {

/// Has the heap's next gigabyte made of huge pages, where the system leaves that to programs
/// (`madvise` in /sys/kernel/mm/transparent_hugepage/enabled). They are taken when first touched.
void use_huge_pages() {
#if defined(MADV_HUGEPAGE)
  constexpr std::size_t kPage = 2 << 20;
  constexpr std::size_t kSize = 1000 << 20;  // below M_MMAP_THRESHOLD: it comes from the heap
  void* const block = std::malloc(kSize);
  if (block == nullptr) return;
  const auto begin = reinterpret_cast<std::uintptr_t>(block);
  const std::uintptr_t first = (begin + kPage - 1) / kPage * kPage;
  ::madvise(reinterpret_cast<void*>(first), (begin + kSize - first) / kPage * kPage, MADV_HUGEPAGE);
  std::free(block);
#endif
}

}  // namespace

void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  mallopt(M_TOP_PAD, 64 << 20);
  mallopt(M_ARENA_MAX, 1);  // else each thread keeps what it freed to itself
  use_huge_pages();
}

bool on_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

}  // namespace mobireg
