// LibTorch's OpenMP threads wait for each other by spinning: by default some 10 ms, in which no
// other program gets the core, and where others want it training falls to a tenth and less. libgomp
// reads how long from the environment when it is loaded, before main. So the program starts itself
// once more with that set, before any library's constructors run, which are most of the time of a
// start.

#include <unistd.h>

#include <cstring>

namespace {

constexpr int kMostVariables = 4096;
char spin_count[] = "GOMP_SPINCOUNT=1000";  // some 50 us

bool begins_with(const char* text, const char* begin) {
  return std::strncmp(text, begin, std::strlen(begin)) == 0;
}

/// Called by the loader before libraries are initialised: nothing but system calls is safe here.
void bound_spinning(int, char** argv, char** environment) {
  static char* extended[kMostVariables + 2];
  int count = 0;
  for (; environment[count] != nullptr; ++count) {
    if (count == kMostVariables || begins_with(environment[count], "GOMP_SPINCOUNT=") ||
        begins_with(environment[count], "OMP_WAIT_POLICY=")) {
      return;
    }
    extended[count] = environment[count];
  }
  extended[count] = spin_count;
  static char path[4096];  // zeros
  if (readlink("/proc/self/exe", path, sizeof(path) - 1) <= 0) return;
  execve(path, argv, extended);  // on failure the program goes on as it is
}

__attribute__((section(".preinit_array"),
               used)) void (*const before_constructors)(int, char**, char**) = bound_spinning;

}  // namespace
