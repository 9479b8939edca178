#include "page/html_page.h"

#include <fmt/format.h>

#include "page/html_text.h"
#include "page/page_style.h"

namespace mobireg {
namespace {

/// The browser sees to it that the page needs nothing from elsewhere and runs nothing.
constexpr const char* kPolicy =
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';img-src data:;"
    "style-src 'unsafe-inline'\">";

}  // namespace

std::string html_page(const std::string& title, const std::string& subtitle,
                      const std::string& body) {
  const std::string name = escape_html(title);
  return std::string("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">") +
         kPolicy +
         "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>" + name +
         "</title><style>" + kPageStyle + "</style></head><body><main><h1>" + name +
         "</h1><p class=\"soft\">" + escape_html(subtitle) + "</p>" + body +
         "</main></body></html>\n";
}

std::string contents_html(const std::vector<ContentsEntry>& entries) {
  std::string html = "<nav>";
  for (const ContentsEntry& entry : entries) {
    if (entry.is_there) html += fmt::format("<a href=\"#{}\">{}</a>", entry.id, entry.text);
  }
  return html + "</nav>";
}

std::string heading(const char* id, const std::string& text) {
  return fmt::format("<h2 id=\"{}\">{}</h2>", id, escape_html(text));
}

std::string table_cell(const std::string& name, const std::string& html, const char* style) {
  return fmt::format("<td data-name=\"{}\"{}>{}</td>", escape_html(name),
                     *style == 0 ? "" : fmt::format(" class=\"{}\"", style), html);
}

std::string table_head(const std::vector<std::string>& names) {
  std::string html = "<thead><tr>";
  for (const std::string& name : names) html += "<th>" + escape_html(name) + "</th>";
  return html + "</tr></thead>";
}

std::string table_html(const std::vector<std::string>& names,
                       const std::vector<std::vector<std::string>>& rows) {
  std::string html = "<table>" + table_head(names) + "<tbody>";
  for (const std::vector<std::string>& row : rows) {
    html += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) html += table_cell(names[i], row[i]);
    html += "</tr>";
  }
  return html + "</tbody></table>";
}

std::string folded(const std::string& summary, const std::string& html) {
  return "<details><summary>" + escape_html(summary) + "</summary>" + html + "</details>";
}

}  // namespace mobireg
