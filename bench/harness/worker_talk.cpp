#include "bench/harness/worker_talk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace peakproof::bench {
namespace {

struct WordRow {
  Word word;
  std::string_view text;
  std::size_t fields;
};
constexpr std::array kWords = {WordRow{Word::device, "device", 5}, WordRow{Word::plan, "plan", 3},
                               WordRow{Word::begins, "begins", 1}, WordRow{Word::ended, "ended", 1},
                               WordRow{Word::failed, "failed", 2}};

std::string one_field(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return text;
}

}  // namespace

std::vector<std::string> measuring_arguments(const Options& options) {
  std::vector<std::string> out;
  if (options.quick) out.emplace_back("--quick");
  if (options.plateau) out.emplace_back("--plateau");
  out.push_back("--data=" + data_name(options.data));
  // Seventeen digits give the same number back.
  if (options.min_efficiency) out.push_back(fmt::format("--min-efficiency={:.17g}", *options.min_efficiency));
  out.push_back(fmt::format("--timeout={:.17g}", options.launch_timeout_s));
  if (options.size_bytes) out.push_back(fmt::format("--size={}", *options.size_bytes));
  for (const auto& [name, value] : {std::pair("--m", options.m), {"--n", options.n}, {"--k", options.k}})
    if (value) out.push_back(fmt::format("{}={}", name, *value));
  if (options.sweep) out.push_back(options.sweep_over.empty() ? "--sweep" : "--sweep=" + options.sweep_over);
  out.insert(out.end(), options.google_arguments.begin(), options.google_arguments.end());
  return out;
}

std::string to_text(const Line& line) {
  const auto* const row =
      std::find_if(kWords.begin(), kWords.end(), [&](const auto& w) { return w.word == line.word; });
  std::string text(row->text);
  for (const auto& field : line.fields) text += '\t' + one_field(field);
  return text;
}

std::optional<Line> line_of(std::string_view text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == '\t')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  for (const auto& row : kWords)
    if (parts.front() == row.text && parts.size() == row.fields + 1)
      return Line{row.word, {parts.begin() + 1, parts.end()}};
  return std::nullopt;
}

std::vector<Line> Lines::next(const std::string& text) {
  std::vector<Line> lines;
  for (std::size_t end = text.find('\n', read_); end != std::string::npos; end = text.find('\n', read_)) {
    if (auto line = line_of(std::string_view(text).substr(read_, end - read_))) lines.push_back(std::move(*line));
    read_ = end + 1;
  }
  return lines;
}

}  // namespace peakproof::bench
