// The report for a terminal: ASCII of our own, at most 120 columns, no colour.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "reports/format.hpp"
#include "reports/render.hpp"

namespace peakproof::reports {
namespace {

constexpr std::size_t kWidth = 120;
constexpr std::size_t kLongestName = 30;
constexpr std::size_t kLabelWidth = 16;

const Cells kHeader = {"benchmark", "achieved", "E_spec %", "E_issue %", "clock MHz",
                       "C %",       "+-CI %",   "spread %", "verdict"};
constexpr std::array<std::size_t, kColumns> kWidths = {0, 14, 8, 9, 9, 6, 7, 8, 12};  // the name's is computed

/// Columns that a UTF-8 text takes: its code points.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// The first `count` code points.
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

/// `first` and then the text, broken at spaces (or anywhere in a word that is too long) and indented.
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

std::string table_line(const Cells& cells, std::size_t name_width) {
  std::string line = padded(cells[0], name_width, false);
  for (std::size_t i = 1; i + 1 < kColumns; ++i)
    line += fmt::format("  {}", padded(leading(cells[i], kWidths[i]), kWidths[i], true));
  return fmt::format("{}  {}\n", line, cells[kColumns - 1]);
}

std::string table(const Report& report) {
  std::vector<Cells> rows = {kHeader};
  for (const Result& result : report.results) rows.push_back(table_row(result));
  std::size_t name_width = 0;
  for (Cells& cells : rows) {
    if (columns(cells[0]) > kLongestName) cells[0] = fmt::format("{}..", leading(cells[0], kLongestName - 2));
    name_width = std::max(name_width, columns(cells[0]));
  }
  std::string out;
  for (const Cells& cells : rows) out += table_line(cells, name_width);
  return out;
}

}  // namespace

std::string to_text(const Report& report) {
  std::string out = wrapped("", 0, headline(report));
  if (report.device.stand_in) {
    const std::string frame(kWidth, '*');
    out += fmt::format("{0}\n{1}{0}\n", frame, wrapped("*** ", 4, kStandInWarning));
  }
  out += fmt::format("\n{}\n{}", table(report), wrapped("", 0, kLegend));
  for (const Result& result : report.results) {
    out += fmt::format("\n{}", wrapped("", 2, one_line(row_name(result))));
    for (const Line& line : result_lines(result)) out += labelled(line);
  }
  const auto unmeasured = unmeasured_lines(report);
  if (!unmeasured.empty()) out += "\nnot measured\n";
  for (const Line& line : unmeasured) out += labelled(line);
  out += "\nmeasured on\n";
  for (const Line& line : run_lines(report)) out += labelled(line);
  return fmt::format("{}\n{}\n", out, verdict_line(report));
}

}  // namespace peakproof::reports
