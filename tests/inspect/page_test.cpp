// The page as a whole, and its charts.

#include <regex>

#include "inspect/page_images.h"
#include "inspect/small_table.h"
#include "inspect/statistics.h"
#include "mobireg/inspect/inspect.h"
#include "page/charts.h"

namespace mobireg {
namespace {

using Catch::Contains;

constexpr const char* kHostile = "<script>alert('&\"1\"')</script>.png";

ShownRow hostile_row(RowSplit split = RowSplit::kTrain) {
  return {
      kHostile, std::string(kHostile) + ":7", split, {{2, 2, 1, {0, 80, 160, 240}}, {10, -20, 30}}};
}

/// An inspection with something in each section, all its texts hostile.
Inspection full_inspection() {
  Inspection all;
  all.source = kHostile;
  all.outputs = kPoseInDegrees;
  all.findings = {{Finding::Kind::kWarning, kHostile, kHostile},
                  {Finding::Kind::kNote, "A note", "to read"}};
  all.sets = {{kHostile, {12000, 3, 1}, {2, 1, 1}}};
  all.unreadable = {kHostile};
  LabelSummary label = summarize_values({1, 2, 3});
  label.output = kHostile;
  label.declared_unit = "radians";
  label.guessed_unit = "degrees";
  all.labels = {label};
  all.histograms = {make_histogram({1, 2, 3}, std::vector<RowSplit>(3), 4)};
  all.histograms[0].title = kHostile;
  all.pair_plots = {make_pair_plot({1, 2}, {3, 4}, {RowSplit::kTrain, RowSplit::kTest}, 4, 10)};
  all.pair_plots[0].x_title = all.pair_plots[0].y_title = kHostile;
  all.outlier_rows = 1;
  all.outliers = {{hostile_row(), kHostile, 95, 12}};
  all.extremes = {{kHostile, {hostile_row()}, {hostile_row()}}};
  all.duplicates.exact_groups = all.duplicates.exact_across = 1;
  all.duplicates.exact_rows = 9;
  DuplicateGroup group;
  group.exact = group.across_split = group.conflict = true;
  group.rows = 9;
  group.shown = {hostile_row(), hostile_row(RowSplit::kTest)};
  all.duplicates.shown = {group};
  all.samples = {{hostile_row(), {hostile_row().seen, hostile_row().seen}}};
  return all;
}

TEST_CASE("whatever a text holds, the page has no markup from it") {
  const std::string html = to_html(full_inspection());
  CHECK_THAT(html, !Contains("<script"));
  CHECK_THAT(html, !Contains("'&\""));
  CHECK_THAT(html,
             Contains("&lt;script&gt;alert(&#39;&amp;&quot;1&quot;&#39;)&lt;/script&gt;.png"));
}

TEST_CASE("a page needs nothing from elsewhere") {
  const std::string html = to_html(full_inspection());
  const std::regex reference("(src|href|url|action|data)\\s*[=(]\\s*[\"']?([^\"'\\s>)]*)");
  int references = 0;
  for (std::sregex_iterator match(html.begin(), html.end(), reference), end; match != end;
       ++match) {
    const std::string target = (*match)[2];
    CAPTURE(target.substr(0, 40));
    CHECK((target[0] == '#' || target.compare(0, 16, "data:image/jpeg;") == 0));
    ++references;
  }
  CHECK(references > 10);
  CHECK_THAT(html, Contains("default-src 'none'"));
  CHECK_THAT(html, !Contains("@import"));
  CHECK_THAT(html, !Contains("http:") && !Contains("https:"));
}

TEST_CASE("every section that has something is there, and linked to") {
  const std::string html = to_html(full_inspection());
  for (const char* id :
       {"rows", "unreadable", "labels", "outliers", "extremes", "duplicates", "samples"}) {
    CAPTURE(id);
    CHECK_THAT(html, Contains("<h2 id=\"" + std::string(id) + "\">"));
    CHECK_THAT(html, Contains("<a href=\"#" + std::string(id) + "\">"));
  }
  CHECK_THAT(html, Contains("12,000 in 2 groups") && Contains("3 in 1 group"));
  CHECK_THAT(html, Contains("<td data-name=\"looks like\" class=\"bad\">degrees</td>"));
  CHECK_THAT(html, Contains("<b>across the split</b>, <b>with different labels</b>; 7 of them"));
  CHECK_THAT(html, Contains("pitch\u00a010\u00b0"));
}

TEST_CASE("an inspection without findings says so, and leaves empty sections out") {
  const std::string html = to_html({});
  CHECK_THAT(html, Contains("Nothing was found that needs attention"));
  CHECK_THAT(html, Contains("None were found."));
  for (const char* id : {"unreadable", "outliers", "extremes", "samples"}) {
    CHECK_THAT(html, !Contains("id=\"" + std::string(id) + "\""));
  }
  CHECK_THAT(to_html(full_inspection()), !Contains("Nothing was found"));
}

TEST_CASE("the same inspection gives the same page") {
  CHECK(to_html(full_inspection()) == to_html(full_inspection()));
}

TEST_CASE("long lists are folded") {
  Inspection inspection;
  inspection.unreadable.assign(12, "bad");
  CHECK_THAT(to_html(inspection), !Contains("<summary>"));
  inspection.unreadable.assign(1300, "bad");
  CHECK_THAT(to_html(inspection), Contains("<summary>1,300 messages</summary>"));
}

TEST_CASE("the legend explains the axes, or the points, that are drawn") {
  Inspection inspection = full_inspection();
  CHECK_THAT(to_html(inspection), Contains("where the nose points") && !Contains("mirror_map"));
  inspection.outputs = {{"x0", Unit::kImage, OutputKind::kX},
                        {"y0", Unit::kImage, OutputKind::kY},
                        {"age", Unit::kNone, OutputKind::kPlain}};
  CHECK_THAT(to_html(inspection), !Contains("where the nose points") && Contains("mirror_map"));
}

TEST_CASE("near duplicates are told with how alike they are") {
  Inspection inspection = full_inspection();
  DuplicateGroup& group = inspection.duplicates.shown[0];
  group.exact = group.conflict = group.across_split = false;
  group.rows = 2;
  group.similarity = 0.98765;
  CHECK_THAT(to_html(inspection), Contains("<b>Alike</b>, correlation 0.988</header>"));
  group.mirrored = true;
  CHECK_THAT(to_html(inspection), Contains("<b>Alike when mirrored</b>"));
  inspection.duplicates.is_complete = false;
  CHECK_THAT(to_html(inspection), Contains("There are more pairs"));
}

TEST_CASE("a histogram draws the splits that have rows") {
  Histogram histogram = make_histogram({1, 2}, {RowSplit::kTrain, RowSplit::kTest}, 4);
  histogram.unit = "deg";
  histogram.beyond = 2;
  const std::string figure = histogram_figure(histogram);
  CHECK_THAT(figure, Contains("class=\"bars\"") && Contains("outline test"));
  CHECK_THAT(figure, !Contains("outline validation"));
  CHECK_THAT(figure, Contains("degrees") && Contains("2 beyond"));
}

TEST_CASE("a pair plot has image coordinates downwards") {
  PairPlot plot;
  plot.cells = 2;
  plot.y_down = true;
  fill_pair_plot({0.1}, {0.1}, {RowSplit::kTrain}, 10, plot);
  CHECK_THAT(pair_figure(plot), Contains("d=\"M38.0 8.0h137.0v127.0"));  // top left
  plot.y_down = false;
  CHECK_THAT(pair_figure(plot), Contains("d=\"M38.0 135.0h137.0v127.0"));  // bottom left
}

}  // namespace
}  // namespace mobireg
