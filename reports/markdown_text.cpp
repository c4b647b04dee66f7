#include "reports/markdown_text.hpp"

#include <fmt/format.h>

namespace peakproof::reports {
namespace {

bool word_character(std::string_view text, std::size_t i) {
  if (i >= text.size()) return false;
  const char c = text[i];
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

std::string markdown_escaped(std::string_view raw) {
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

std::string markdown_bullets(const std::vector<Line>& lines) {
  std::string out;
  for (const Line& line : lines)
    out += fmt::format("- **{}**: {}\n", markdown_escaped(line.label), markdown_escaped(line.text));
  return out;
}

}  // namespace peakproof::reports
