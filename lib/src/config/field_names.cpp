#include "config/fields.h"

namespace mobireg {
namespace {

class FieldNames {
 public:
  template <class T>
  void operator()(const char* name, T& value, const char* /*meaning*/, const Bound& = kAny) {
    if constexpr (is_config_struct<T>) {
      const std::string outer = prefix_;
      prefix_ += std::string(name) + ".";
      visit_fields(*this, value);
      prefix_ = outer;
    } else {
      names_.push_back(prefix_ + name);
    }
  }

  std::vector<std::string> names_;

 private:
  std::string prefix_;
};

}  // namespace

std::vector<std::string> config_field_names() {
  FieldNames visitor;
  RunConfig config;
  visit_fields(visitor, config);
  return visitor.names_;
}

}  // namespace mobireg
