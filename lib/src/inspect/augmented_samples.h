#pragma once

#include <vector>

#include "mobireg/data/dataset.h"
#include "mobireg/inspect/inspect.h"

namespace mobireg {

/// What training sees of a row in its first `draws` passes, before standardisation, cut to 0 to
/// 255. train: the run's training rows. Throws Error when an image cannot be read.
std::vector<std::vector<LabelledImage>> augmented_draws(const ImageRegressionDataset& train,
                                                        const RunConfig& config,
                                                        const std::vector<std::int64_t>& rows,
                                                        int draws);

}  // namespace mobireg
