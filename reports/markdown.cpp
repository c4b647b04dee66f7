// The report as GitHub Markdown.
#include <fmt/format.h>

#include <string>
#include <string_view>

#include "reports/format.hpp"
#include "reports/render.hpp"

namespace peakproof::reports {
namespace {

bool word_character(std::string_view text, std::size_t i) {
  if (i >= text.size()) return false;
  const char c = text[i];
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// The text as it is, on one line: nothing in it is read as Markdown, as HTML or as the end of a table cell.
std::string escaped(std::string_view raw) {
  const std::string text = one_line(raw);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '@') {
      out += "&#64;";  // no one is mentioned
    } else {
      const bool inside_word = c == '_' && i > 0 && word_character(text, i - 1) && word_character(text, i + 1);
      if (std::string_view("\\`*_[]|~#$").find(c) != std::string_view::npos && !inside_word) out += '\\';
      out += c;
    }
  }
  return out;
}

std::string bullets(const std::vector<Line>& lines) {
  std::string out;
  for (const Line& line : lines) out += fmt::format("- **{}**: {}\n", escaped(line.label), escaped(line.text));
  return out;
}

std::string table(const Report& report) {
  std::string out =
      "| benchmark | achieved | of rated (E_spec) % | of measured (E_issue) % | clock MHz | C % | ±CI % | spread % | "
      "verdict |\n"
      "|:--|--:|--:|--:|--:|--:|--:|--:|:--|\n";
  for (const Result& result : report.results) {
    for (const std::string& cell : table_row(result)) out += fmt::format("| {} ", escaped(cell));
    out += "|\n";
  }
  return out;
}

}  // namespace

std::string to_markdown(const Report& report) {
  std::string out = fmt::format("# {}\n\n", escaped(headline(report)));
  if (report.device.stand_in) out += fmt::format("> **{}**\n\n", escaped(kStandInWarning));
  out += fmt::format("**{}**\n\n{}\n{}\n", escaped(verdict_line(report)), table(report), escaped(kLegend));
  for (const Result& result : report.results) {
    out += fmt::format("\n## {}\n\n{}", escaped(row_name(result)), bullets(result_lines(result)));
  }
  const auto unmeasured = unmeasured_lines(report);
  if (!unmeasured.empty()) out += fmt::format("\n## Not measured\n\n{}", bullets(unmeasured));
  return fmt::format("{}\n## Measured on\n\n{}", out, bullets(run_lines(report)));
}

}  // namespace peakproof::reports
