// The report as one HTML page: no script, no network, nothing to load; readable on light and dark screens and on paper.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>

#include "reports/curve.hpp"
#include "reports/format.hpp"
#include "reports/heat_map.hpp"
#include "reports/html_text.hpp"
#include "reports/ladder.hpp"
#include "reports/plot.hpp"
#include "reports/render.hpp"

namespace peakproof::reports {
namespace {

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --ink: #1b1f24; --dim: #5a636e; --line: #d4d9df; --page: #fff; --soft: #f5f7f9;
  --bar: #cfe3f7; --good: #116329; --bad: #b3261e; --unsure: #8a5a00; --plain: #4b5663; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaef; --dim: #9aa5b1; --line: #39424d; --page: #14181d;
  --soft: #1c2229; --bar: #1f4468; --good: #6fd08c; --bad: #ff8f85; --unsure: #f0b84d; --plain: #aab4c0; } }
* { box-sizing: border-box; }
html { font-size: 15px; } body { font: 1rem/1.45 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 1100px;
  margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.45rem; margin: 0 0 .6rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; overflow-wrap: anywhere; }
p { margin: .4rem 0; } .dim { color: var(--dim); } .scroll { overflow-x: auto; }
.stand-in { border: 3px solid var(--bad); padding: .6rem .8rem; font-weight: 700; }
.verdict { font-size: 1.1rem; font-weight: 700; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--dim); padding-bottom: .3rem; }
th, td { padding: .3rem .6rem; text-align: right; vertical-align: top; }
thead th { border-bottom: 2px solid var(--line); font-weight: 600; }
.results { width: 100%; } .results tbody { border-bottom: 1px solid var(--line); }
.results th:first-child, .results .why td { text-align: left; }
.results th:first-child { overflow-wrap: anywhere; min-width: 13rem; }
.results thead th { white-space: nowrap; } .doubted td:not(.told) { color: var(--dim);
  text-decoration: line-through; }
.results .figures td { white-space: nowrap; } .results .why td { padding-top: 0; }
.share { background-repeat: no-repeat; background-image: linear-gradient(var(--bar), var(--bar)); }
.good { color: var(--good); } .bad { color: var(--bad); } .unsure { color: var(--unsure); } .plain { color: var(--plain); }
.word { font-weight: 700; }
dl { display: grid; grid-template-columns: minmax(7.5rem, max-content) 1fr; gap: .1rem .8rem; margin: .1rem 0 .4rem; font-size: .85rem; }
dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; min-width: 0; }
.map td { min-width: 4.2rem; text-align: center; border: 1px solid var(--page); }
.map tbody th { font-weight: 400; } .map thead th { text-align: center; border: 0; }
.map .mark { background: repeating-linear-gradient(45deg, var(--soft) 0 6px, var(--line) 6px 12px); color: var(--ink); }
.map .marked { outline: 3px solid currentColor; outline-offset: -3px; font-weight: 700; }
.key { margin: .5rem 0; } .key td { padding: .1rem .5rem; font-size: .8rem; min-width: 0; text-align: center; }
@media (max-width: 700px) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .3rem; } }
@media print { html { font-size: 10px; } body { max-width: none; padding: 0; } * { print-color-adjust: exact;
  -webkit-print-color-adjust: exact; } h2, h3 { break-after: avoid; } tbody, tr, .map { break-inside: avoid; }
  .scroll { overflow: visible; } }
)";

std::string escaped(std::string_view raw) { return html_escaped(raw); }

/// A name with its parameters, which may be broken behind each of them.
std::string breakable(std::string_view name) {
  std::string out;
  for (const char c : escaped(name)) {
    out += c;
    if (c == '/') out += "<wbr>";
  }
  return out;
}

std::string_view tone(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "good";
    case Verdict::below:
    case Verdict::incorrect:
      return "bad";
    case Verdict::above_theory:
    case Verdict::noisy:
    case Verdict::error:
      return "unsure";
    case Verdict::no_theory:
    case Verdict::skipped:
      return "plain";
  }
  return "unsure";
}

std::string_view tone(const Report& report) {
  if (report.exit_code == exit_pass) return "good";
  return report.exit_code == exit_rejected ? "bad" : "unsure";
}

std::string verdict_word(Verdict verdict) {
  return fmt::format("<span class=\"word {}\">{}</span>", tone(verdict), name(verdict));
}

std::string definitions(const std::vector<Line>& lines) {
  std::string out = "<dl>";
  for (const Line& line : lines)
    out += fmt::format("<dt>{}</dt><dd>{}</dd>\n", escaped(line.label), escaped(line.text));
  return out + "</dl>\n";
}

std::string section(std::string_view title, const std::string& content) {
  return content.empty() ? std::string() : fmt::format("<h2>{}</h2>\n{}", title, content);
}

/// A percentage, with a bar behind it where the result can be believed.
std::string share_cell(const Result& result, std::optional<double> fraction) {
  const bool bar = fraction && std::isfinite(*fraction) && showable(result.verdict);
  return fmt::format(R"(<td class="share" style="background-size:{:.1f}% 100%">{}</td>)",
                     bar ? 100 * std::clamp(*fraction, 0.0, 1.0) : 0, escaped(percent_text(fraction)));
}

std::string plain_cell(std::string_view text) { return fmt::format("<td>{}</td>", escaped(text)); }

// ------------------------------------------------------------------------------------------------------------ results

/// What stands behind a result, its verdict first.
std::vector<Line> evidence(const Report& report, const Result& result) {
  std::vector<Line> lines = result_lines(report, result);
  if (result.verdict == Verdict::pass)
    lines.insert(lines.begin(), {"verdict", fmt::format("pass: {}", explain(result.verdict))});
  return lines;
}

std::string result_body(const Report& report, const Result& result) {
  const auto& peak = result.peak ? result.peak : result.peak_measured;
  const bool doubted = result.verdict == Verdict::incorrect || result.verdict == Verdict::above_theory;
  std::string out = fmt::format("<tbody>\n<tr class=\"figures{}\"><th scope=\"row\">{}</th>", doubted ? " doubted" : "",
                                breakable(row_name(result)));
  out += plain_cell(achieved_text(result));
  out += plain_cell(peak ? rate_text(peak->per_second, theory::unit(peak->pipe)) : "-");
  out += share_cell(result, result.efficiency.issue) + share_cell(result, result.efficiency.spec);
  out += plain_cell(megahertz_text(result.summary.median_sm_clock_hz.value_or(0)));
  out += plain_cell(percent_text(relative_interval(result.summary), 2));
  out += fmt::format("<td class=\"told\">{}</td></tr>\n", verdict_word(result.verdict));
  return out + fmt::format("<tr class=\"why\"><td colspan=\"8\">{}</td></tr>\n</tbody>\n",
                           definitions(evidence(report, result)));
}

std::string results_section(const Report& report) {
  std::string rows;
  for (const Result& result : report.results)
    if (!is_drawn(result.params)) rows += result_body(report, result);
  if (rows.empty()) return {};
  return fmt::format(
      "<div class=\"scroll\"><table class=\"results\">\n<thead><tr><th scope=\"col\">benchmark</th>"
      "<th scope=\"col\">achieved</th><th scope=\"col\">peak</th><th scope=\"col\">E_issue %</th>"
      "<th scope=\"col\">E_spec %</th><th scope=\"col\">clock MHz</th><th scope=\"col\">±CI %</th>"
      "<th scope=\"col\">verdict</th></tr></thead>\n{}</table></div>\n<p class=\"dim\">{}</p>\n",
      rows, escaped(kLegend));
}

// ---------------------------------------------------------------------------------------------------------- latencies

std::string latencies_section(const Report& report) {
  std::string rows;
  for (const Result& result : report.results) {
    if (!result.latency || !usable(*result.latency) || !showable(result.verdict) || is_drawn(result.params)) continue;
    const Latency& l = *result.latency;
    rows += fmt::format("<tr><th scope=\"row\">{}</th>", breakable(row_name(result)));
    rows += plain_cell(cycles_text(l.cycles));
    rows += plain_cell(fmt::format("{} to {}", cycles_text(l.ci95.low), cycles_text(l.ci95.high)));
    rows += plain_cell(cycles_text(l.ns.value_or(0)));
    rows += plain_cell(megahertz_text(result.summary.median_sm_clock_hz.value_or(0)));
    rows += fmt::format("<td>{}</td></tr>\n", verdict_word(result.verdict));
  }
  if (rows.empty()) return {};
  return "<div class=\"scroll\"><table class=\"results\">\n<caption>Between two dependent instructions, measured in "
         "the "
         "kernel.</caption>\n<thead><tr><th scope=\"col\">instruction</th><th scope=\"col\">cycles</th>"
         "<th scope=\"col\">95 % interval</th><th scope=\"col\">ns</th><th scope=\"col\">clock MHz</th>"
         "<th scope=\"col\">verdict</th></tr></thead>\n<tbody>\n" +
         rows + "</tbody></table></div>\n";
}

/// Rows of text, the first of them the header; the first cell of each names it.
std::string plain_table(const std::vector<std::vector<std::string>>& rows) {
  std::string out = "<div class=\"scroll\"><table class=\"results\">\n<thead><tr>";
  for (const std::string& cell : rows.front()) out += fmt::format("<th scope=\"col\">{}</th>", escaped(cell));
  out += "</tr></thead>\n<tbody>\n";
  for (std::size_t i = 1; i < rows.size(); ++i) {
    out += fmt::format("<tr><th scope=\"row\">{}</th>", escaped(rows[i].front()));
    for (std::size_t column = 1; column < rows[i].size(); ++column) out += plain_cell(rows[i][column]);
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string ladder_section(const Report& report) {
  const auto rows = ladder_table(report);
  if (rows.empty()) return {};
  return plain_table(rows) + fmt::format("<p class=\"dim\">{}</p>\n", escaped(kLadderLegend));
}

// ------------------------------------------------------------------------------------------------------------- curves

std::string curves_section(const Report& report) {
  std::string out;
  for (const Curve& curve : curves(report.results)) {
    out += fmt::format("<h3>{}</h3>\n{}", escaped(curve_name(curve)), plot_svg(curve, report.device.spec));
    for (const std::string& sentence : curve_sentences(curve, report.device.spec.sm_count))
      out += fmt::format("<p>{}</p>\n", escaped(sentence));
    out += fmt::format("<details><summary>all points</summary>\n{}</details>\n", plain_table(curve_table(curve)));
    if (const auto doubtful = doubtful_lines(report, curve); !doubtful.empty()) out += definitions(doubtful);
  }
  return out;
}

// ---------------------------------------------------------------------------------------------------------- heat maps

struct Colour {
  double red, green, blue;  // 0 to 255
};

/// Viridis: its lightness rises evenly, so that the colour-blind and a grey printer see the same order.
Colour shade(double fraction) {
  static constexpr std::array<Colour, 9> kStops = {{{68, 1, 84},
                                                    {71, 45, 123},
                                                    {59, 82, 139},
                                                    {44, 114, 142},
                                                    {33, 145, 140},
                                                    {40, 174, 128},
                                                    {94, 201, 98},
                                                    {173, 220, 48},
                                                    {253, 231, 37}}};
  const double place = std::clamp(fraction, 0.0, 1.0) * (kStops.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(place), kStops.size() - 2);
  const double part = place - static_cast<double>(below);
  const Colour& a = kStops[below];
  const Colour& b = kStops[below + 1];
  return {std::lerp(a.red, b.red, part), std::lerp(a.green, b.green, part), std::lerp(a.blue, b.blue, part)};
}

/// Background, and black or white on it, whichever has the higher contrast (relative luminance as WCAG 2 defines it).
std::string painted(double fraction) {
  const Colour c = shade(fraction);
  const auto linear = [](double channel) {
    const double x = channel / 255;
    return x <= 0.04045 ? x / 12.92 : std::pow((x + 0.055) / 1.055, 2.4);
  };
  const double luminance = 0.2126 * linear(c.red) + 0.7152 * linear(c.green) + 0.0722 * linear(c.blue);
  constexpr double kBlackIsBetter = 0.179;
  return fmt::format("background:#{:02x}{:02x}{:02x};color:#{}", std::lround(c.red), std::lround(c.green),
                     std::lround(c.blue), luminance > kBlackIsBetter ? "000" : "fff");
}

std::string map_cell(const HeatMap& map, std::size_t row, std::size_t column) {
  const HeatCell& cell = map.cell(row, column);
  const SweepPoint at{map.grid, map.columns[column], map.rows[row]};
  const bool marked = map.marked() && map.marked()->at == at;
  const std::string title =
      fmt::format("{}{}", place_text(at), cell.verdict ? fmt::format(": {}", name(*cell.verdict)) : "");
  if (!cell.fraction) return fmt::format(R"(<td class="mark" title="{}">{}</td>)", title, escaped(cell_text(cell)));
  return fmt::format(R"(<td{} style="{}" title="{}">{}</td>)", marked ? R"( class="marked")" : "",
                     painted(*cell.fraction), title, escaped(cell_text(cell)));
}

std::string map_table(const HeatMap& map) {
  std::string out = fmt::format(
      "<div class=\"scroll\"><table class=\"map\">\n<caption>{}</caption>\n<thead><tr><th "
      "scope=\"col\">{}</th>",
      escaped(basis_text(map)), row_label(map.grid));
  for (const int value : map.columns) out += fmt::format("<th scope=\"col\">{} {}</th>", column_label(map.grid), value);
  out += "</tr></thead>\n<tbody>\n";
  for (std::size_t row = 0; row < map.rows.size(); ++row) {
    out += fmt::format("<tr><th scope=\"row\">{}</th>", map.rows[row]);
    for (std::size_t column = 0; column < map.columns.size(); ++column) out += map_cell(map, row, column);
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

/// The colours of the scale with their percentages.
std::string map_key(Grid grid) {
  std::string out = "<table class=\"key\"><tbody><tr>";
  constexpr int kSteps = 5;
  for (int i = 0; i <= kSteps; ++i)
    out += fmt::format("<td style=\"{}\">{} %</td>", painted(static_cast<double>(i) / kSteps), 100 * i / kSteps);
  return out + fmt::format("<td>outlined: {}</td></tr></tbody></table>\n",
                           grid == Grid::chains ? "where it saturates" : "the best shape");
}

std::string map_section(const Report& report, const HeatMap& map) {
  std::string out = fmt::format("<h3>{}</h3>\n{}{}", escaped(map_name(map)), map_table(map), map_key(map.grid));
  out += fmt::format("<p>{}</p>\n", escaped(saturation_text(map)));
  if (const std::string marks = marks_text(map); !marks.empty())
    out += fmt::format("<p class=\"dim\">{}</p>\n", escaped(marks));
  if (const auto doubtful = doubtful_lines(report, map); !doubtful.empty()) out += definitions(doubtful);
  if (map.best) {
    const Result& best = report.results[map.best->index];
    out += fmt::format("<p class=\"dim\">What stands behind the best point, {}:</p>\n{}", escaped(row_name(best)),
                       definitions(result_lines(report, best)));
  }
  return out;
}

std::string maps_section(const Report& report, const std::vector<HeatMap>& maps, Grid grid) {
  std::string out;
  for (const HeatMap& map : maps)
    if (map.grid == grid) out += map_section(report, map);
  return out;
}

std::string shapes_section(const Report& report, const std::vector<HeatMap>& maps) {
  std::string out = maps_section(report, maps, Grid::shapes);
  for (const std::string& sentence : best_k_texts(maps)) out += fmt::format("<p>{}</p>\n", escaped(sentence));
  return out;
}

std::string lines_section(const std::vector<Line>& lines) { return lines.empty() ? std::string() : definitions(lines); }

}  // namespace

std::string to_html(const Report& report) {
  const std::string title = escaped(headline(report));
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n"
      "<style>{}{}</style>\n</head>\n<body>\n<h1>{}</h1>\n",
      title, kStyle, kPlotStyle, title);
  if (report.device.stand_in) out += fmt::format("<p class=\"stand-in\">{}</p>\n", escaped(kStandInWarning));
  out += fmt::format("<p class=\"verdict {}\">{}</p>\n", tone(report), escaped(verdict_line(report)));
  out += section("The ladder to the tensor cores", ladder_section(report));
  out += section("Results", results_section(report));
  out += section("Latencies", latencies_section(report));
  const auto maps = heat_maps(report.results);
  out += section("Curves", curves_section(report));
  out += section("Where the pipes saturate", maps_section(report, maps, Grid::chains));
  out += section("Which shapes are best", shapes_section(report, maps));
  out += section("Not measured", lines_section(unmeasured_lines(report)));
  out += section("Measured on", lines_section(run_lines(report)));
  return out + "</body>\n</html>\n";
}

}  // namespace peakproof::reports
