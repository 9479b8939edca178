#pragma once

#include <vector>

#include "inspect/row_table.h"

namespace mobireg {

/// What about a run's data needs attention: from what `inspection` holds already and from the
/// table. Warnings first.
std::vector<Finding> find_what_needs_attention(const RowTable& table, const RunConfig& config,
                                               const Inspection& inspection);

/// Points that, mirrored, lie nearer to another point's partner than to their own: the mirror map
/// is wrong there. points: mean positions, one for each entry of `mirror_map`.
std::vector<std::size_t> wrongly_mirrored_points(
    const std::vector<std::pair<double, double>>& points, const std::vector<int>& mirror_map);

}  // namespace mobireg
