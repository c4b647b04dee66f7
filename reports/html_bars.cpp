// Efficiency as bars, one for each result, and the waterfall of what was lost.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/heat_map.hpp"
#include "reports/html_parts.hpp"
#include "reports/html_sections.hpp"
#include "reports/html_text.hpp"

namespace peakproof::reports::html {
namespace {

/// A place on the track, which ends at 100 %; what lies beyond stands at its end.
double place(double fraction) { return 100 * std::clamp(fraction, 0.0, 1.0); }

std::string figure(const std::optional<double>& share) { return html_escaped(percent_text(share)); }

std::string mark(std::string_view style, const std::optional<double>& at) {
  return finite(at) ? fmt::format(R"(<i class="{}" style="left:{:.2f}%"></i>)", style, place(*at)) : std::string();
}

/// Where the limit of a check lies on the track, of the checks on this result whose rule's name has this word in it:
/// they hold a ratio (to the baseline, to the peers' median) against a limit, and so E_issue against limit / ratio of
/// itself.
std::optional<double> limit_of(const Report& report, const Result& result, std::string_view word) {
  const std::string subject = row_name(result);
  for (const Check& check : report.checks)
    if (check.subject == subject && check.unit.empty() && check.id.find(word) != std::string::npos &&
        positive(check.limit) && positive(check.measured) && positive(result.efficiency.issue))
      return *result.efficiency.issue * *check.limit / *check.measured;
  return std::nullopt;
}

bool barred(const Result& result) {
  return !is_drawn(result.params) && (finite(result.efficiency.spec) || finite(result.efficiency.issue));
}

std::string row(const Report& report, const ShortNames& names, const Result& result) {
  const bool believed = showable(result.verdict);
  // Where no rated peak is known, the bar is E_issue.
  const auto bar = finite(result.efficiency.spec) ? result.efficiency.spec : result.efficiency.issue;
  const std::optional<double> floor = result.floor ? std::optional(result.floor->issue) : std::nullopt;
  std::string track = fmt::format(R"(<i class="b{}" style="width:{:.2f}%"></i>)", believed ? "" : " off", place(*bar));
  track +=
      mark("f", floor) + mark("n", limit_of(report, result, "baseline")) + mark("p", limit_of(report, result, "peer"));
  if (believed) track += mark("e", result.efficiency.issue);
  return fmt::format(
      "<tr>{}<td class=\"track\">{}</td><td class=\"figure\">{}</td><td class=\"figure\">{}</td>"
      "<td class=\"figure\">{}</td>{}</tr>\n",
      name_cell(names, result), track, figure(result.efficiency.spec), figure(result.efficiency.issue), figure(floor),
      verdict_cell(result.verdict));
}

}  // namespace

std::string bars_section(const Report& report) {
  std::string rows;
  const ShortNames names({&report});
  bool baseline = false;
  bool peers = false;
  for (const Result& result : report.results) {
    if (!barred(result)) continue;
    rows += row(report, names, result);
    baseline = baseline || limit_of(report, result, "baseline");
    peers = peers || limit_of(report, result, "peer");
  }
  if (rows.empty()) return {};
  const auto key = [](std::string_view style, std::string_view where, std::string_view text) {
    return fmt::format(R"(<span><span class="track"><i class="{}" style="{}"></i></span>{}</span>)", style, where,
                       text);
  };
  std::string legend = key("b", "width:100%", "E_spec, of the peak at the rated clock") +
                       key("e", "left:50%", "E_issue, of the peak at the measured clock") +
                       key("f", "left:50%", "floor for E_issue");
  if (baseline) legend += key("n", "left:50%", "limit by the baseline");
  if (peers) legend += key("p", "left:50%", "limit by the peers");
  legend += key("b off", "width:100%", "not believed");
  return table("bars", {"benchmark", "0 to 100 % of the peak", ">E_spec %", ">E_issue %", ">floor %", ">verdict"},
               rows) +
         fmt::format("<div class=\"legend\">{}</div>\n", legend);
}

std::string waterfall(const Result& result) {
  constexpr double kShown = 5e-5;  // what two decimals of a percent can show
  constexpr double kWidth = 400, kLabel = 178, kFigure = 58, kRow = 16;
  constexpr double kTrack = kWidth - kLabel - kFigure;
  const bool rated = finite(result.efficiency.spec);
  const auto achieved = rated ? result.efficiency.spec : result.efficiency.issue;
  if (!positive(achieved) || !showable(result.verdict)) return {};
  std::string rows;
  int count = 0;
  const auto step = [&](std::string_view label, double from, double width, std::string_view style,
                        std::string_view figure) {
    const double y = kRow * count++;
    rows += svg_text(0, y + 12, "start", shortened(label, 30));
    const double begin = std::clamp(from, 0.0, 1.0);
    const double end = std::clamp(from + width, begin, 1.0);
    rows += svg_rect(kLabel + kTrack * begin, y + 3, std::max(kTrack * (end - begin), 0.6), kRow - 5, style);
    rows += svg_text(kWidth, y + 12, "end", figure);
  };
  step(rated ? "peak, rated clock" : "peak, measured clock", 0, 1, "kept", "100.00 %");
  double left = 1;
  bool any = false;
  for (const std::string_view kind : {"clock", "issue"})
    for (const Loss& loss : result.losses) {
      if (loss.kind != kind || !(loss.fraction >= kShown) || !std::isfinite(loss.fraction)) continue;
      left -= loss.fraction;
      step(fmt::format("{}: {}", loss.kind, loss.name), left, loss.fraction, kind,
           fmt::format("−{} %", percent_text(loss.fraction, 2)));
      any = true;
    }
  if (!any) return {};
  step(rated ? "achieved: E_spec" : "achieved: E_issue", 0, *achieved, "kept", percent_text(achieved, 2) + " %");
  return fmt::format(
      "<svg class=\"draw fall\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"losses of {}\">\n{}</svg>\n", kWidth,
      kRow * count, html_escaped(row_name(result)), rows);
}

}  // namespace peakproof::reports::html
