#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace mobireg {

/// A file of tests/fixtures/; its README says what is in it.
inline nlohmann::json read_fixture(const std::string& name) {
  std::ifstream stream(std::string(MOBIREG_FIXTURES) + "/" + name);
  return nlohmann::json::parse(stream);
}

}  // namespace mobireg
