#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "mobireg/core/file.h"
#include "page/html_page.h"
#include "page/html_text.h"
#include "report/flat_config.h"
#include "report/report_sections.h"

namespace mobireg {
namespace {

constexpr std::size_t kOpenRows = 30;

/// A text as one word of a shell's command line.
std::string shell_word(const std::string& text) {
  const auto is_harmless = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_./=+:,@%-").find(c) != std::string_view::npos;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_harmless)) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string command(const std::filesystem::path& run_dir, int threads) {
  const std::string again = "run_dir=" + run_dir.string() + "_again";
  return fmt::format("mobireg-train {} --set {} --set threads={}",
                     shell_word((run_dir / "config.json").string()), shell_word(again), threads);
}

std::string chosen_table(const RunConfig& config) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, value] : chosen_fields(config)) {
    rows.push_back({escape_html(name), "<code>" + escape_html(value) + "</code>"});
  }
  if (rows.empty()) return "<p>Every field has its default.</p>";
  const std::string table =
      "<div class=\"fields\">" + table_html({"field", "value"}, rows) + "</div>";
  return rows.size() > kOpenRows ? folded(fmt::format("{} fields", rows.size()), table) : table;
}

/// environment.json as a table; empty where there is none.
std::string environment_table(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return "";
  const auto json = nlohmann::ordered_json::parse(read_file(file), nullptr, false);
  if (!json.is_object()) return "";
  std::vector<std::vector<std::string>> rows;
  for (const auto& item : json.items()) {
    const auto& value = item.value();
    rows.push_back({escape_html(item.key()),
                    escape_html(value.is_string() ? value.get<std::string>() : value.dump())});
  }
  return heading("environment", "Environment") +
         "<p>As it was when the run was started.</p><div class=\"fields\">" +
         table_html({"what", "value"}, rows) + "</div>";
}

}  // namespace

std::string origin_section(const RunConfig& config, const std::filesystem::path& run_dir,
                           int threads) {
  return heading("config", "Config") + "<h3>What differs from the defaults</h3>" +
         chosen_table(config) +
         folded("The whole config, config.json",
                "<pre class=\"code\">" + escape_html(to_json(config)) + "</pre>") +
         environment_table(run_dir / "environment.json") +
         heading("again", "To train the same again") +
         "<p>Gives the same weights, bit for bit, with this build, on a processor with the same "
         "instruction set.</p><pre class=\"code\">" +
         escape_html(command(run_dir, threads)) + "</pre>";
}

}  // namespace mobireg
