#include "inspect/duplicates.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "core/parallel_for.h"

namespace mobireg {
namespace {

// Hashes that differ in at most 7 bits differ in at most one bit of one of their 4 bands.
constexpr int kBands = 4;
constexpr int kBandBits = 16;
static_assert(kNearDistance < 2 * kBands);

// Limits of one row's search, the last two each for pairs within and across the split: scenes that
// hardly move, as in a video, are alike by the thousand.
constexpr int kMaxVisits = 20000;      // of rows in the same band
constexpr int kMaxComparisons = 1000;  // of patches
constexpr int kMaxPairs = 50;

std::uint16_t band_of(std::uint64_t hash, int band) {
  return static_cast<std::uint16_t>(hash >> (band * kBandBits));
}

struct HashedRow {
  std::int64_t row = 0;
  std::uint64_t hash = 0;
};

/// The rows by their value in one band.
class BandIndex {
 public:
  BandIndex(const std::vector<HashedRow>& rows, int band)
      : begins_((1 << kBandBits) + 1, 0), rows_(rows.size()) {
    for (const HashedRow& row : rows) ++begins_[band_of(row.hash, band) + 1U];
    std::partial_sum(begins_.begin(), begins_.end(), begins_.begin());
    std::vector<std::size_t> next(begins_.begin(), begins_.end() - 1);
    for (const HashedRow& row : rows) rows_[next[band_of(row.hash, band)]++] = row;
  }

  /// Calls `visit(row)` for the rows of `value` that come after `row`, while it says true.
  template <class Visit>
  void for_each_after(std::uint16_t value, std::int64_t row, const Visit& visit) const {
    const auto begin = rows_.begin() + static_cast<std::ptrdiff_t>(begins_[value]);
    const auto end = rows_.begin() + static_cast<std::ptrdiff_t>(begins_[value + 1U]);
    const auto is_before = [](std::int64_t a, const HashedRow& b) { return a < b.row; };
    for (auto other = std::upper_bound(begin, end, row, is_before); other != end; ++other) {
      if (!visit(*other)) return;
    }
  }

 private:
  std::vector<std::size_t> begins_;
  std::vector<HashedRow> rows_;
};

/// The first band in which two hashes differ in at most one bit: the one they meet in.
int meeting_band(std::uint64_t difference) {
  for (int band = 0; band < kBands; ++band) {
    if (__builtin_popcount(band_of(difference, band)) <= 1) return band;
  }
  return kBands;
}

/// Finds the near duplicates of one row among those after it.
class NearSearch {
 public:
  NearSearch(const ComparedRows& compared, const std::vector<HashedRow>& rows)
      : compared_(compared) {
    for (int band = 0; band < kBands; ++band) bands_.emplace_back(rows, band);
  }

  NearPairs pairs_of(std::int64_t row) const {
    Found found;
    search(row, /*mirrored=*/false, found);
    search(row, /*mirrored=*/true, found);
    auto& pairs = found.pairs;
    std::sort(pairs.begin(), pairs.end(), [](const NearPair& a, const NearPair& b) {
      return std::make_pair(a.second, a.mirrored) < std::make_pair(b.second, b.mirrored);
    });
    const auto same = [](const NearPair& a, const NearPair& b) { return a.second == b.second; };
    pairs.erase(std::unique(pairs.begin(), pairs.end(), same), pairs.end());
    return {std::move(pairs), found.is_complete};
  }

 private:
  struct Count {
    int comparisons = 0;
    int pairs = 0;
  };

  struct Found {
    std::vector<NearPair> pairs;
    Count within, across;
    bool is_complete = true;
  };

  const ImageSignature& signature(std::int64_t row) const {
    return compared_.signatures[static_cast<std::size_t>(row)];
  }

  void search(std::int64_t row, bool mirrored, Found& found) const {
    const std::uint64_t hash = mirrored ? signature(row).mirrored_hash : signature(row).hash;
    int visits = 0;
    for (int band = 0; band < kBands; ++band) {
      const auto visit = [&](const HashedRow& other) {
        if (++visits > kMaxVisits) return found.is_complete = false;
        const std::uint64_t difference = hash ^ other.hash;
        const int distance = __builtin_popcountll(difference);
        if (distance <= kNearDistance && meeting_band(difference) == band) {
          compare({row, other.row, distance, 0, mirrored}, found);
        }
        return true;
      };
      const BandIndex& index = bands_[static_cast<std::size_t>(band)];
      const std::uint16_t value = band_of(hash, band);
      index.for_each_after(value, row, visit);
      for (int bit = 0; bit < kBandBits; ++bit) {
        index.for_each_after(static_cast<std::uint16_t>(value ^ (1 << bit)), row, visit);
      }
    }
  }

  bool is_across(const NearPair& pair) const {
    return compared_.is_trained_on[static_cast<std::size_t>(pair.first)] !=
           compared_.is_trained_on[static_cast<std::size_t>(pair.second)];
  }

  void compare(NearPair pair, Found& found) const {
    Count& count = is_across(pair) ? found.across : found.within;
    if (count.pairs == kMaxPairs || count.comparisons == kMaxComparisons) {
      found.is_complete = false;
      return;
    }
    const ImageSignature& first = signature(pair.first);
    const ImageSignature& second = signature(pair.second);
    if (first.digest == second.digest) return;
    ++count.comparisons;
    pair.correlation =
        pair.mirrored ? mirrored_correlation(first, second) : correlation(first, second);
    if (pair.correlation < kNearCorrelation) return;
    ++count.pairs;
    found.pairs.push_back(pair);
  }

  const ComparedRows& compared_;
  std::vector<BandIndex> bands_;
};

}  // namespace

std::vector<ExactGroup> find_exact_duplicates(const std::vector<ImageSignature>& signatures) {
  std::vector<std::int64_t> rows(signatures.size());
  std::iota(rows.begin(), rows.end(), 0);
  const auto digest = [&](std::int64_t row) -> const Sha256Digest& {
    return signatures[static_cast<std::size_t>(row)].digest;
  };
  std::stable_sort(rows.begin(), rows.end(),
                   [&](std::int64_t a, std::int64_t b) { return digest(a) < digest(b); });
  std::vector<ExactGroup> groups;
  for (auto begin = rows.begin(); begin != rows.end();) {
    const auto end = std::find_if(begin, rows.end(),
                                  [&](std::int64_t row) { return digest(row) != digest(*begin); });
    if (end - begin > 1) groups.emplace_back(begin, end);
    begin = end;
  }
  std::sort(groups.begin(), groups.end());
  return groups;
}

NearPairs find_near_duplicates(const ComparedRows& compared, const std::vector<ExactGroup>& exact,
                               int threads) {
  const std::vector<ImageSignature>& signatures = compared.signatures;
  std::vector<bool> is_left_out(signatures.size(), false);
  for (std::size_t i = 0; i < signatures.size(); ++i) is_left_out[i] = signatures[i].is_flat;
  for (const ExactGroup& group : exact) {
    std::array<bool, 2> has_first{};
    for (const std::int64_t row : group) {
      const auto i = static_cast<std::size_t>(row);
      bool& has = has_first[compared.is_trained_on[i]];
      if (has) is_left_out[i] = true;
      has = true;
    }
  }
  std::vector<HashedRow> rows;
  for (std::size_t i = 0; i < signatures.size(); ++i) {
    if (!is_left_out[i]) rows.push_back({static_cast<std::int64_t>(i), signatures[i].hash});
  }
  const NearSearch search(compared, rows);
  std::vector<NearPairs> found(rows.size());
  parallel_for(static_cast<std::int64_t>(rows.size()), threads, [&](std::int64_t i) {
    found[static_cast<std::size_t>(i)] = search.pairs_of(rows[static_cast<std::size_t>(i)].row);
  });
  NearPairs all;
  for (const NearPairs& part : found) {
    all.pairs.insert(all.pairs.end(), part.pairs.begin(), part.pairs.end());
    all.is_complete = all.is_complete && part.is_complete;
  }
  return all;
}

}  // namespace mobireg
