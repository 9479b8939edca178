#pragma once

#include <map>
#include <string>

#include "mobireg/config/run_config.h"

namespace mobireg {

/// A config's fields by their dotted names ("data.sets.0.csv"), each as JSON. A list of plain
/// values is one field.
std::map<std::string, std::string> flat_config(const RunConfig& config);

/// The fields in which a resolved config differs from a run of the same outputs and data that sets
/// nothing else, but for its folder.
std::map<std::string, std::string> chosen_fields(const RunConfig& config);

}  // namespace mobireg
