#include "mobireg/core/version.h"

namespace mobireg {

const char* version() { return MOBIREG_VERSION; }

}  // namespace mobireg
