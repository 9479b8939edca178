// The numbers, histograms and robust scores of an inspection.

#include <cmath>
#include <limits>
#include <numeric>

#include "inspect/statistics.h"

namespace mobireg {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

TEST_CASE("quantiles are numpy's, linear between two values") {
  const std::vector<double> values{1, 2, 4, 8};
  CHECK(quantile(values, 0) == 1);
  CHECK(quantile(values, 0.5) == 3);
  CHECK(quantile(values, 0.99) == Approx(7.88));  // numpy.quantile([1, 2, 4, 8], 0.99)
  CHECK(quantile(values, 1) == 8);
  CHECK(quantile({5}, 0.3) == 5);
}

TEST_CASE("a summary leaves missing values out and counts them") {
  const LabelSummary summary = summarize_values({4, kMissing, 1, 2, 8, kMissing});
  CHECK(summary.present == 4);
  CHECK(summary.missing == 2);
  CHECK(summary.min == 1);
  CHECK(summary.median == 3);
  CHECK(summary.max == 8);
  CHECK(summary.mean == 3.75);
  CHECK(summary.std == Approx(3.0956959));  // n - 1
}

TEST_CASE("a summary of nothing has no numbers") {
  const LabelSummary summary = summarize_values({kMissing});
  CHECK(summary.present == 0);
  for (const double number : {summary.min, summary.median, summary.max, summary.mean, summary.std})
    CHECK(std::isnan(number));
}

TEST_CASE("a slip stands out among robust scores, and does not hide itself") {
  std::vector<double> values(100);
  std::iota(values.begin(), values.end(), -50);
  values[7] = 4000;
  values[8] = kMissing;
  const std::vector<double> scores = robust_scores(values);
  CHECK(scores[7] > 100);
  CHECK(scores[8] == 0);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (i != 7) CHECK(scores[i] < 2);
  }
}

TEST_CASE("where most values are equal, the others still have finite scores") {
  std::vector<double> values(100, 5.0);
  CHECK(robust_scores(values) == std::vector<double>(100, 0.0));
  values[3] = 9;
  const std::vector<double> scores = robust_scores(values);
  CHECK(scores[3] == Approx(4 / (1.2533 * 0.04)));
  CHECK(scores[4] == 0);
}

TEST_CASE("a histogram counts each split, and what lies beyond it") {
  std::vector<double> values;
  std::vector<RowSplit> splits;
  for (int i = 0; i < 3000; ++i) {
    values.push_back(i % 100);
    splits.push_back(static_cast<RowSplit>(i % 3));
  }
  values[5] = 1e6;
  values[6] = kMissing;
  const Histogram histogram = make_histogram(values, splits, 10);
  CHECK(histogram.low < 0);
  CHECK(histogram.high < 1000);
  CHECK(histogram.beyond == 1);
  CHECK(histogram.rows == PerSplit<std::int64_t>{999, 1000, 1000});
  std::int64_t total = 0;
  for (const auto& counts : histogram.counts) {
    CHECK(counts.size() == 10);
    total = std::accumulate(counts.begin(), counts.end(), total);
  }
  CHECK(total == 2998);
}

TEST_CASE("a histogram of equal values puts them into one bin") {
  const Histogram histogram = make_histogram({3, 3}, {RowSplit::kTrain, RowSplit::kTest}, 5);
  CHECK(histogram.counts[0] == std::vector<std::int64_t>{0, 0, 1, 0, 0});
  CHECK(histogram.counts[2] == std::vector<std::int64_t>{0, 0, 1, 0, 0});
}

TEST_CASE("a pair plot counts training rows in cells and thins the other rows out") {
  const int rows = 400;
  std::vector<double> x, y;
  std::vector<RowSplit> splits;
  for (int i = 0; i < rows; ++i) {
    x.push_back(i);
    y.push_back(-i);
    splits.push_back(i % 2 == 0 ? RowSplit::kTrain : RowSplit::kValidation);
  }
  const PairPlot plot = make_pair_plot(x, y, splits, 4, 50);
  CHECK(std::accumulate(plot.counts.begin(), plot.counts.end(), std::int64_t{0}) == rows / 2);
  CHECK(plot.counts[3] > 0);   // low y: high x
  CHECK(plot.counts[12] > 0);  // high y: low x
  CHECK(plot.counts[0] == 0);
  CHECK(plot.counts[15] == 0);
  REQUIRE(plot.points[1].size() == 50);
  CHECK(plot.points[1].front() == std::make_pair(1.0, -1.0));
  CHECK(plot.points[1].back().first > 380);
  CHECK(plot.points[2].empty());
}

}  // namespace
}  // namespace mobireg
