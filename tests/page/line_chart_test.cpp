#include "page/line_chart.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "page/chart_frame.h"
#include "page/html_page.h"

namespace mobireg {
namespace {

using Catch::Contains;

LineChart chart_of(const std::vector<double>& values) {
  LineChart chart{"Loss", "", {{"train", "red", {}}}, {}};
  for (std::size_t i = 0; i < values.size(); ++i) {
    chart.lines[0].points.emplace_back(static_cast<double>(i + 1), values[i]);
  }
  return chart;
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

TEST_CASE("a line goes from the left edge to the right one, up where values are high") {
  const std::string figure = line_figure(chart_of({1, 2, 3}));
  CHECK_THAT(figure, Contains("style=\"stroke:red\" d=\"M44.0 156.3h0L178.0 85.0L312.0 13.7\""));
  CHECK_THAT(figure, Contains(">train</span>"));
}

TEST_CASE(
    "an axis is logarithmic where values span more than ten times, are positive, and may be") {
  CHECK_THAT(line_figure(chart_of({1, 11})), Contains("logarithmic"));
  CHECK_THAT(line_figure(chart_of({1, 9})), !Contains("logarithmic"));
  CHECK_THAT(line_figure(chart_of({0, 11})), !Contains("logarithmic"));
  CHECK_THAT(line_figure(chart_of({-1, 11})), !Contains("logarithmic"));
  LineChart chart = chart_of({1, 11});
  chart.from_zero = true;
  CHECK_THAT(line_figure(chart), !Contains("logarithmic"));
}

TEST_CASE("an axis begins at 0 where it shall") {
  LineChart chart = chart_of({8, 10});
  CHECK_THAT(line_figure(chart), !Contains(">0</text>"));
  chart.from_zero = true;
  CHECK_THAT(line_figure(chart), Contains(">0</text>"));
}

TEST_CASE("values that are no numbers are gaps, and nothing but gaps is no chart") {
  const std::string figure = line_figure(chart_of({1, NAN, 3, INFINITY, 2}));
  CHECK(count(figure, "h0") == 3);
  CHECK_THAT(figure, !Contains("nan") && !Contains("inf"));
  CHECK(line_figure(chart_of({NAN, NAN})).empty());
  CHECK(line_figure(chart_of({})).empty());
}

TEST_CASE("one epoch, and values all alike, have a chart too") {
  for (const auto& values : {std::vector<double>{2}, {3, 3, 3}, {0, 0}}) {
    const std::string figure = line_figure(chart_of(values));
    CHECK_THAT(figure, Contains("class=\"line\"") && !Contains("nan") && !Contains("inf"));
  }
}

TEST_CASE("epochs are whole numbers on the axis") {
  const std::string figure = line_figure(chart_of({1, 2}));
  CHECK_THAT(figure, Contains(">1</text>") && Contains(">2</text>") && !Contains(">1.2</text>"));
}

TEST_CASE("numbers at an axis are told apart, however near to each other") {
  const std::string figure = line_figure(chart_of({1211.62, 1211.75}));
  CHECK_THAT(figure, Contains(">1211.65</text>") && Contains(">1211.7</text>"));
}

TEST_CASE("long lines are thinned out, their last point stays") {
  std::vector<double> values(5000, 1.0);
  values.back() = 2;
  const std::string figure = line_figure(chart_of(values));
  CHECK(count(figure, "L") < 300);
  CHECK_THAT(figure, Contains("L312.0 13.9\"") || Contains("L312.0 13.7\""));
}

TEST_CASE("the best epoch is marked") {
  LineChart chart = chart_of({3, 1, 2});
  chart.marked_x = 2;
  CHECK_THAT(line_figure(chart), Contains("class=\"marked\" d=\"M178.0 "));
}

TEST_CASE("whatever names hold, a chart has no markup from them") {
  LineChart chart = chart_of({1, 2});
  chart.title = chart.unit = chart.lines[0].name = chart.lines[0].colour = "<b>\"'";
  CHECK_THAT(line_figure(chart), !Contains("<b>\"'"));
}

TEST_CASE("lines have colours of their own") {
  CHECK(line_colour(0, 3) != line_colour(1, 3));
  CHECK(line_colour(0, 40) != line_colour(39, 40));
}

TEST_CASE("ticks are round numbers within the range") {
  CHECK(axis_ticks(-95, 95, 7, true) == std::vector<double>{-90, -45, 0, 45, 90});
  CHECK(axis_ticks(-40, 35, 7, true) == std::vector<double>{-30, -15, 0, 15, 30});
  CHECK(axis_ticks(0, 10, 6, false) == std::vector<double>{0, 2, 4, 6, 8, 10});
  const std::vector<double> small = axis_ticks(0.001, 0.0032, 5, false);
  REQUIRE(small.size() == 3);
  CHECK(small[2] == Approx(0.003));
}

TEST_CASE("logarithmic ticks are 1, 2 and 5 times powers of ten, or powers alone") {
  const std::vector<double> ticks = log_ticks(0.9, 30, 7);
  REQUIRE(ticks.size() == 5);
  CHECK(ticks[0] == Approx(1));
  CHECK(ticks[4] == Approx(20));
  const std::vector<double> powers = log_ticks(0.0009, 2000, 7);
  REQUIRE(powers.size() == 7);
  CHECK(powers[0] == Approx(0.001));
  CHECK(powers[6] == Approx(1000));
}

TEST_CASE("tables name each cell's column for narrow screens") {
  const std::string html = table_html({"a<b", "c"}, {{"<i>1</i>", "2"}});
  CHECK_THAT(html, Contains("<th>a&lt;b</th>"));
  CHECK_THAT(html, Contains("<td data-name=\"a&lt;b\"><i>1</i></td><td data-name=\"c\">2</td>"));
}

TEST_CASE("a page escapes its title, and forbids what it does not need") {
  const std::string html = html_page("<script>", "<b>", "<p>body</p>");
  CHECK_THAT(html, !Contains("<script>") && !Contains("<b>"));
  CHECK_THAT(html, Contains("<p>body</p>") && Contains("default-src 'none'"));
}

}  // namespace
}  // namespace mobireg
