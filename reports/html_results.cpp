// The tables of the HTML page: results with what stands behind them, latencies, the ladder, curves.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/curve.hpp"
#include "reports/heat_map.hpp"
#include "reports/html_parts.hpp"
#include "reports/html_sections.hpp"
#include "reports/html_text.hpp"
#include "reports/ladder.hpp"
#include "reports/plot.hpp"

namespace peakproof::reports::html {
namespace {

/// A percentage, with a bar behind it where the result can be believed.
std::string share_cell(const Result& result, std::optional<double> fraction) {
  const bool bar = fraction && std::isfinite(*fraction) && showable(result.verdict);
  return fmt::format(R"(<td class="share" style="background-size:{:.1f}% 100%">{}</td>)",
                     bar ? 100 * std::clamp(*fraction, 0.0, 1.0) : 0, html_escaped(percent_text(fraction)));
}

/// What stands behind a result, its verdict first.
std::vector<Line> evidence(const Report& report, const Result& result) {
  std::vector<Line> lines = result_lines(report, result);
  if (result.verdict == Verdict::pass)
    lines.insert(lines.begin(), {"verdict", fmt::format("pass: {}", explain(result.verdict))});
  return lines;
}

bool explained(const Result& result, Detail detail) {
  if (detail == Detail::full) return true;
  return detail == Detail::failures && result.verdict != Verdict::pass && result.verdict != Verdict::no_theory;
}

std::string result_body(const Report& report, const Result& result, Detail detail) {
  const auto& peak = result.peak ? result.peak : result.peak_measured;
  const bool doubted = result.verdict == Verdict::incorrect || result.verdict == Verdict::above_theory;
  std::string out = fmt::format("<tbody>\n<tr class=\"figures{}\"><th scope=\"row\">{}</th>", doubted ? " doubted" : "",
                                breakable(row_name(result)));
  out += cell(achieved_text(result));
  out += cell(peak ? rate_text(peak->per_second, theory::unit(peak->pipe)) : "-");
  out += share_cell(result, result.efficiency.issue) + share_cell(result, result.efficiency.spec);
  out += cell(megahertz_text(result.summary.median_sm_clock_hz.value_or(0)));
  out += cell(percent_text(relative_interval(result.summary), 2));
  out += verdict_cell(result.verdict) + "</tr>\n";
  if (explained(result, detail))
    out += fmt::format("<tr class=\"why\"><td colspan=\"8\">{}{}</td></tr>\n", waterfall(result),
                       definitions(evidence(report, result)));
  return out + "</tbody>\n";
}

}  // namespace

std::string results_section(const Report& report, Detail detail) {
  std::string rows;
  for (const Result& result : report.results)
    if (!is_drawn(result.params)) rows += result_body(report, result, detail);
  if (rows.empty()) return {};
  return fmt::format(
      "<div class=\"scroll\"><table class=\"results\">\n<thead><tr><th scope=\"col\">benchmark</th>"
      "<th scope=\"col\">achieved</th><th scope=\"col\">peak</th><th scope=\"col\">E_issue %</th>"
      "<th scope=\"col\">E_spec %</th><th scope=\"col\">clock MHz</th><th scope=\"col\">±CI %</th>"
      "<th scope=\"col\">verdict</th></tr></thead>\n{}</table></div>\n<p class=\"dim\">{}</p>\n",
      rows, html_escaped(kLegend));
}

std::string latencies_section(const Report& report) {
  std::string rows;
  for (const Result& result : report.results) {
    if (!result.latency || !usable(*result.latency) || !showable(result.verdict) || is_drawn(result.params)) continue;
    const Latency& l = *result.latency;
    rows += fmt::format("<tr><th scope=\"row\">{}</th>", breakable(row_name(result)));
    rows += cell(cycles_text(l.cycles));
    rows += cell(fmt::format("{} to {}", cycles_text(l.ci95.low), cycles_text(l.ci95.high)));
    rows += cell(cycles_text(l.ns.value_or(0)));
    rows += cell(megahertz_text(result.summary.median_sm_clock_hz.value_or(0)));
    rows += verdict_cell(result.verdict) + "</tr>\n";
  }
  if (rows.empty()) return {};
  return "<div class=\"scroll\"><table class=\"results\">\n<caption>Between two dependent instructions, measured in "
         "the "
         "kernel.</caption>\n<thead><tr><th scope=\"col\">instruction</th><th scope=\"col\">cycles</th>"
         "<th scope=\"col\">95 % interval</th><th scope=\"col\">ns</th><th scope=\"col\">clock MHz</th>"
         "<th scope=\"col\">verdict</th></tr></thead>\n<tbody>\n" +
         rows + "</tbody></table></div>\n";
}

std::string ladder_section(const Report& report) {
  const auto rows = ladder_table(report);
  if (rows.empty()) return {};
  return plain_table(rows) + fmt::format("<p class=\"dim\">{}</p>\n", html_escaped(kLadderLegend));
}

std::string curves_section(const Report& report) {
  std::string out;
  for (const Curve& curve : curves(report.results)) {
    out += fmt::format("<h3>{}</h3>\n{}", html_escaped(curve_name(curve)), plot_svg(curve, report.device.spec));
    for (const std::string& sentence : curve_sentences(curve, report.device.spec.sm_count))
      out += fmt::format("<p>{}</p>\n", html_escaped(sentence));
    out += fmt::format("<details><summary>all points</summary>\n{}</details>\n", plain_table(curve_table(curve)));
    if (const auto doubtful = doubtful_lines(report, curve); !doubtful.empty()) out += definitions(doubtful);
  }
  return out;
}

}  // namespace peakproof::reports::html
