#pragma once

#include <string>
#include <vector>

namespace mobireg {

// The parts that all pages are made of. Texts are escaped here where they are called text, and are
// HTML already where they are called so.

/// A whole page, which needs no other file, no network and no script. title, subtitle: text.
/// body: HTML.
std::string html_page(const std::string& title, const std::string& subtitle,
                      const std::string& body);

/// A link to a heading of the page.
struct ContentsEntry {
  const char* id;
  const char* text;
  bool is_there = true;
};

std::string contents_html(const std::vector<ContentsEntry>& entries);

/// A heading that the page's list of contents links to.
std::string heading(const char* id, const std::string& text);

/// One cell of a table; on a narrow screen its column's name stands over it. name: text. html: what
/// it shows. style: a class.
std::string table_cell(const std::string& name, const std::string& html, const char* style = "");

std::string table_head(const std::vector<std::string>& names);

/// A table of cells that are HTML, each row with one for each name.
std::string table_html(const std::vector<std::string>& names,
                       const std::vector<std::vector<std::string>>& rows);

/// Something that is shown when its summary (text) is clicked.
std::string folded(const std::string& summary, const std::string& html);

template <class T, class HtmlOf>
std::string list_of(const std::vector<T>& items, const HtmlOf& html_of) {
  std::string html;
  for (const T& item : items) html += html_of(item);
  return html;
}

}  // namespace mobireg
