// A comparison for people: a terminal, and GitHub Markdown.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "reports/comparison.hpp"
#include "reports/html_text.hpp"
#include "reports/render.hpp"

namespace peakproof::reports {
namespace {

std::string rate_or_dash(const std::optional<double>& rate, const std::string& unit) {
  return rate ? rate_text(*rate, unit) : "-";
}

/// 0.98 -> "-2.0 %".
std::string change_text(const std::optional<double>& ratio) {
  return ratio && std::isfinite(*ratio) ? fmt::format("{:+.2f} %", 100 * (*ratio - 1)) : "-";
}

std::string interval_text(const Interval& i) {
  if (!std::isfinite(i.low) || !std::isfinite(i.high)) return "-";
  return fmt::format("{:+.2f} to {:+.2f}", 100 * (i.low - 1), 100 * (i.high - 1));
}

/// What matters first: losses, then what cannot be said, then the rest in its order.
std::vector<const ComparedResult*> by_weight(const Comparison& comparison) {
  const auto weight = [](const ComparedResult* each) {
    switch (each->change) {
      case Change::missing:
      case Change::slower:
        return 0;
      case Change::not_comparable:
        return 1;
      case Change::faster:
      case Change::added:
        return 2;
      case Change::same:
        break;
    }
    return 3;
  };
  std::vector<const ComparedResult*> out;
  for (const ComparedResult& each : comparison.results) out.push_back(&each);
  std::stable_sort(out.begin(), out.end(), [&](const auto* a, const auto* b) { return weight(a) < weight(b); });
  return out;
}

/// "2 slower, 1 missing, 40 same".
std::string counts_text(const Comparison& comparison) {
  std::vector<std::string> parts;
  for (const Change change :
       {Change::slower, Change::missing, Change::not_comparable, Change::faster, Change::added, Change::same}) {
    const auto count = std::count_if(comparison.results.begin(), comparison.results.end(),
                                     [&](const ComparedResult& each) { return each.change == change; });
    if (count > 0)
      parts.push_back(fmt::format("{} {}", count, change == Change::not_comparable ? "not comparable" : name(change)));
  }
  return parts.empty() ? "nothing to compare" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string verdict_text(const Comparison& comparison) {
  const int code = exit_code(comparison);
  return fmt::format("comparison: {}: {} (exit {})", verdict_of_exit_code(code), counts_text(comparison), code);
}

std::string legend(const Comparison& comparison) {
  return fmt::format("Same: within {:g} %, or within the 95 % interval of the ratio of both medians.",
                     100 * comparison.tolerance);
}

}  // namespace

std::string to_text(const Comparison& comparison) {
  std::string out;
  for (const std::string& difference : comparison.differences) out += fmt::format("differs: {}\n", difference);
  if (!out.empty()) out += "\n";
  out += fmt::format("{:<14}  {:>14}  {:>14}  {:>9}  {:>16}  {}\n", "change", "before", "after", "ratio", "95 %, in %",
                     "result");
  for (const ComparedResult* each : by_weight(comparison)) {
    out += fmt::format("{:<14}  {:>14}  {:>14}  {:>9}  {:>16}  {}\n", name(each->change),
                       rate_or_dash(each->before_per_s, each->unit), rate_or_dash(each->after_per_s, each->unit),
                       change_text(each->ratio), interval_text(each->ratio95), one_line(each->subject));
    if (!each->note.empty()) out += fmt::format("{:16}{}\n", "", one_line(each->note));
  }
  return out + fmt::format("\n{}\n{}\n", legend(comparison), verdict_text(comparison));
}

std::string to_markdown(const Comparison& comparison) {
  const auto cell = [](const std::string& text) {
    std::string out;  // nothing of it is Markdown
    for (const char c : html_escaped(text))
      out += std::string_view("\\`*_[]|~$").find(c) == std::string_view::npos
                 ? std::string(1, c)
                 : fmt::format("&#{};", static_cast<int>(c));
    return out;
  };
  std::string out = fmt::format("**{}**\n\n", verdict_text(comparison));
  for (const std::string& difference : comparison.differences) out += fmt::format("* differs: {}\n", cell(difference));
  if (!comparison.differences.empty()) out += "\n";
  out += "| result | change | before | after | ratio | 95 %, in % | note |\n|---|---|--:|--:|--:|--:|---|\n";
  for (const ComparedResult* each : by_weight(comparison))
    out += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", cell(each->subject), name(each->change),
                       rate_or_dash(each->before_per_s, each->unit), rate_or_dash(each->after_per_s, each->unit),
                       change_text(each->ratio), interval_text(each->ratio95), cell(each->note));
  return out + fmt::format("\n{}\n", legend(comparison));
}

}  // namespace peakproof::reports
