// The heat maps of the HTML page: where pipes saturate, which shapes of a product are best.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "reports/heat_map.hpp"
#include "reports/html_parts.hpp"
#include "reports/html_sections.hpp"
#include "reports/html_text.hpp"

namespace peakproof::reports::html {
namespace {

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
  if (!cell.fraction)
    return fmt::format(R"(<td class="mark" title="{}">{}</td>)", title, html_escaped(cell_text(cell)));
  return fmt::format(R"(<td{} style="{}" title="{}">{}</td>)", marked ? R"( class="marked")" : "",
                     painted(*cell.fraction), title, html_escaped(cell_text(cell)));
}

std::string map_table(const HeatMap& map) {
  std::string out = fmt::format(
      "<div class=\"scroll\"><table class=\"map\">\n<caption>{}</caption>\n<thead><tr><th "
      "scope=\"col\">{}</th>",
      html_escaped(basis_text(map)), row_label(map.grid));
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
  std::string out = fmt::format("<h3>{}</h3>\n{}{}", html_escaped(map_name(map)), map_table(map), map_key(map.grid));
  out += fmt::format("<p>{}</p>\n", html_escaped(saturation_text(map)));
  if (const std::string marks = marks_text(map); !marks.empty())
    out += fmt::format("<p class=\"dim\">{}</p>\n", html_escaped(marks));
  if (const auto doubtful = doubtful_lines(report, map); !doubtful.empty()) out += definitions(doubtful);
  if (map.best) {
    const Result& best = report.results[map.best->index];
    out += fmt::format("<p class=\"dim\">What stands behind the best point, {}:</p>\n{}", html_escaped(row_name(best)),
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

}  // namespace

std::string saturation_section(const Report& report) {
  return maps_section(report, heat_maps(report.results), Grid::chains);
}

std::string shapes_section(const Report& report) {
  const auto maps = heat_maps(report.results);
  std::string out = maps_section(report, maps, Grid::shapes);
  for (const std::string& sentence : best_k_texts(maps)) out += fmt::format("<p>{}</p>\n", html_escaped(sentence));
  return out;
}

}  // namespace peakproof::reports::html
