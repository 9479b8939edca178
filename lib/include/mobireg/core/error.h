#pragma once

#include <stdexcept>

namespace mobireg {

/// Bad input of the user's: a config field, a CSV row, an image, a checkpoint. `what()` is one line
/// that says what is wrong, where, which value it was and what is allowed.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace mobireg
