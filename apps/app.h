#pragma once

#include <CLI/CLI.hpp>
#include <atomic>
#include <functional>
#include <string>

namespace mobireg {

/// Sets an app up in the one way all of them share: version, what it is for (its first sentence, or
/// what stands before a colon there, is its summary), worked examples, man page and completion.
void describe(CLI::App& app, const std::string& what, const std::string& examples);

/// Parses and runs; without any argument it prints usage and examples on stderr. An exception
/// becomes one line on stderr; `body` throws CLI::RequiredError for an argument that is missing.
/// Exit codes: 0 done, 1 failed, 2 wrong arguments or none, 130 stopped by a signal.
int run_app(CLI::App& app, int argc, char** argv, const std::function<int()>& body);

/// Set by the first SIGINT or SIGTERM after the call; a second one ends the process at once.
const std::atomic<bool>& stop_on_signals();

/// Keeps freed memory in the process. glibc gives large blocks back to the kernel on every free,
/// and training then spends half its time in page faults.
void keep_freed_memory();

/// Whether stdout is a terminal.
bool on_terminal();

}  // namespace mobireg
