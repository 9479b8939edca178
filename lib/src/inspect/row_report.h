#pragma once

#include "inspect/duplicates.h"
#include "inspect/row_table.h"

namespace mobireg {

// What a page says about single rows of a table.

inline constexpr double kOutlierScore = 6;  // robust standard deviations

/// Fills in `outliers`, of each row its furthest label, and `outlier_rows`.
void report_outliers(const RowTable& table, const ShowRow& show, Inspection& inspection);

/// Of each output that is no coordinate, up to 8 of them.
std::vector<Extremes> extreme_rows(const RowTable& table, const ShowRow& show);

/// signatures: one a row.
DuplicateReport report_duplicates(const RowTable& table, std::vector<ImageSignature> signatures,
                                  const ShowRow& show, int threads);

/// Training rows for the contact sheet: evenly spread over the values of yaw, or of the first
/// output where there is no yaw, from the 1 % to the 99 % quantile.
std::vector<std::int64_t> sample_rows(const RowTable& table, int count);

}  // namespace mobireg
