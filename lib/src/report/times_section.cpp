#include <fmt/format.h>

#include <array>

#include "page/html_page.h"
#include "page/html_text.h"
#include "report/report_sections.h"

namespace mobireg {
namespace {

struct Part {
  const char* name;
  const char* meaning;
  double EpochTimesRow::*seconds;
};

constexpr std::array<Part, 5> kParts{{
    {"steps", "forward, backward and update", &EpochTimesRow::steps},
    {"batches", "waiting for images, or making them where no thread of their own does",
     &EpochTimesRow::batches},
    {"validation", "all of it", &EpochTimesRow::validation},
    {"report", "this page and TensorBoard's file", &EpochTimesRow::report},
    {"other", "checkpoints, metrics, log", &EpochTimesRow::other},
}};

}  // namespace

std::string times_section(const std::vector<EpochTimesRow>& times) {
  if (times.empty()) return "";
  std::array<double, kParts.size()> sums{};
  double all = 0;
  for (const EpochTimesRow& row : times) {
    for (std::size_t i = 0; i < kParts.size(); ++i) {
      const double seconds = row.*kParts[i].seconds;
      if (!(seconds >= 0)) continue;  // a line that was cut short
      sums[i] += seconds;
      all += seconds;
    }
  }
  const auto epochs = static_cast<double>(times.size());
  std::string bar = "<div class=\"bar\">";
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < kParts.size(); ++i) {
    const double share = all > 0 ? 100 * sums[i] / all : 0;
    bar += fmt::format("<i class=\"p{}\" style=\"width:{:.2f}%\"></i>", i, share);
    rows.push_back({fmt::format("<i class=\"p{}\"></i>{}", i, kParts[i].name),
                    fmt::format("{:.3g} s", sums[i] / epochs), fmt::format("{:.1f} %", share),
                    kParts[i].meaning});
  }
  return heading("times", "Time per part") +
         fmt::format("<p>Means over {}; an epoch takes {:.3g} s.</p>",
                     counted(static_cast<std::int64_t>(times.size()), "epoch"), all / epochs) +
         bar + "</div><div class=\"parts\">" +
         table_html({"part", "an epoch", "share", "what it is"}, rows) + "</div>";
}

}  // namespace mobireg
