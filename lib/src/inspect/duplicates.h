#pragma once

#include <cstdint>
#include <vector>

#include "inspect/image_signature.h"

namespace mobireg {

/// Two images are near duplicates when their hashes differ in at most `kNearDistance` of 64 bits
/// and their patches' correlation reaches `kNearCorrelation`. On faces cropped alike, both are
/// needed: see docs/inspect.md.
inline constexpr int kNearDistance = 6;
inline constexpr double kNearCorrelation = 0.98;

/// Rows with the same pixels, in order; at least two.
using ExactGroup = std::vector<std::int64_t>;

/// Groups in the order of their first rows.
std::vector<ExactGroup> find_exact_duplicates(const std::vector<ImageSignature>& signatures);

struct ComparedRows {
  std::vector<ImageSignature> signatures;  // one a row
  std::vector<bool> is_trained_on;         // a row; the others are judged on
};

/// Two rows, the first one before the other.
struct NearPair {
  std::int64_t first = 0;
  std::int64_t second = 0;
  int distance = 0;
  double correlation = 0;
  bool mirrored = false;
};

struct NearPairs {
  std::vector<NearPair> pairs;  // by `first`, then `second`
  bool is_complete = true;      // false: there are more; a row has at most 50 on either side
};

/// Pairs of rows that are near duplicates, but not exact ones: of each exact group only the first
/// row of those trained on, and the first of the others, are compared.
NearPairs find_near_duplicates(const ComparedRows& compared, const std::vector<ExactGroup>& exact,
                               int threads);

}  // namespace mobireg
