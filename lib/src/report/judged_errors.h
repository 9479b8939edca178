#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mobireg/config/model_config.h"
#include "mobireg/training/validation.h"

namespace mobireg {

/// What was predicted where there is a label, in the unit of reports (angles in degrees).
struct LabelPairs {
  std::string title;
  std::string unit;
  bool is_angle = false;
  std::vector<double> truth;
  std::vector<double> predicted;

  std::vector<double> errors() const;  // predicted - truth
};

/// Of each output.
std::vector<LabelPairs> pairs_by_output(const JudgedRows& judged,
                                        const std::vector<OutputConfig>& outputs);

/// The same where all x coordinates of points are one, and all y coordinates.
std::vector<LabelPairs> pairs_by_chart(const JudgedRows& judged,
                                       const std::vector<OutputConfig>& outputs);

/// Numbers over one output's labels; NaN where there is none.
struct ErrorSummary {
  std::int64_t labels = 0;
  double mae = 0;
  double rmse = 0;
  double median = 0;         // of the absolute errors
  double percentile_90 = 0;  // of them
  double bias = 0;           // mean error
  double largest = 0;
};

ErrorSummary summarize_errors(const LabelPairs& pairs);

/// Errors by the true value, in equal bins from `low` to `high`; labels beyond are left out.
struct ErrorsByTruth {
  double low = 0;
  double high = 1;
  std::vector<std::int64_t> labels;
  std::vector<double> mae;   // NaN in bins without labels
  std::vector<double> bias;  // mean error
};

ErrorsByTruth errors_by_truth(const LabelPairs& pairs, int bins);

/// One row that was judged.
struct JudgedRow {
  std::int64_t row = 0;  // of the dataset
  double error = 0;
  std::vector<float> targets;    // in the outputs' units; NaN where missing
  std::vector<float> predicted;  // the same
};

/// Whether all outputs have one unit; their errors can then be averaged.
bool have_one_unit(const std::vector<OutputConfig>& outputs);

/// The rows with the largest errors, worst first. A row's error is the mean of its absolute errors
/// in the unit of reports, or where units differ, of each divided by its output's MAE.
std::vector<JudgedRow> worst_rows(const JudgedRows& judged,
                                  const std::vector<OutputConfig>& outputs, std::size_t count);

}  // namespace mobireg
