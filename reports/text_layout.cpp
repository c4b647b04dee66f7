#include "reports/text_layout.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace peakproof::reports {
namespace {

constexpr std::size_t kLabelWidth = 16;

}  // namespace

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string_view leading(std::string_view text, std::size_t count) {
  std::size_t end = 0;
  while (end < text.size()) {
    if ((static_cast<unsigned char>(text[end]) & 0xC0) != 0x80 && count-- == 0) break;
    ++end;
  }
  return text.substr(0, end);
}

std::string padded(std::string_view text, std::size_t width, bool right) {
  const std::size_t used = columns(text);
  const std::string gap(width > used ? width - used : 0, ' ');
  return right ? gap + std::string(text) : std::string(text) + gap;
}

std::string wrapped(std::string_view first, std::size_t indent, std::string_view text) {
  std::string out;
  std::string line(first);
  bool empty = true;
  const auto finish = [&] {
    out += line + "\n";
    line.assign(indent, ' ');
    empty = true;
  };
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    std::string_view word = text.substr(0, space);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    while (!word.empty()) {
      const std::size_t used = columns(line) + (empty ? 0 : 1);
      if (used + columns(word) > kWidth && !empty) {
        finish();
        continue;
      }
      const std::string_view piece = leading(word, kWidth - used);
      if (!empty) line += ' ';
      line += piece;
      empty = false;
      word.remove_prefix(piece.size());
    }
  }
  return fmt::format("{}{}\n", out, line);
}

std::string labelled(const Line& line) {
  std::string first = fmt::format("  {}", padded(line.label, kLabelWidth, false));
  if (columns(line.label) >= kLabelWidth) first += "  ";
  if (columns(first) > kWidth / 2) {  // a label as long as that stands alone
    return wrapped("  ", 4, line.label) + wrapped("    ", 4, line.text);
  }
  return wrapped(first, kLabelWidth + 2, line.text);
}

std::string plain_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i]));
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += fmt::format("  {}", padded(one_line(row[i]), widths[i], i > 0));
    out += line + "\n";
  }
  return out;
}

}  // namespace peakproof::reports
