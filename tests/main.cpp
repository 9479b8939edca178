#define CATCH_CONFIG_RUNNER
#include <ATen/Parallel.h>

#include <catch2/catch.hpp>

#include "mobireg/core/threads.h"

int main(int argc, char** argv) {
  at::set_num_threads(mobireg::available_cores());
  return Catch::Session().run(argc, argv);
}
