// The networks of the HTML page: how fast, how exact, where the time of a pass goes, and how training went.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/curve.hpp"
#include "reports/heat_map.hpp"
#include "reports/html_parts.hpp"
#include "reports/html_sections.hpp"
#include "reports/html_text.hpp"
#include "reports/networks_view.hpp"
#include "reports/plot.hpp"

namespace peakproof::reports::html {
namespace {

/// A table whose last column is the verdict.
std::string titled_table(std::string_view title, const std::vector<std::vector<std::string>>& rows,
                         std::string_view legend) {
  if (rows.empty()) return {};
  std::string body;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const std::vector<std::string>& row = rows[i];
    body += fmt::format("<tr><th scope=\"row\">{}</th>", html_escaped(row.front()));
    for (std::size_t column = 1; column + 1 < row.size(); ++column) body += cell(row[column]);
    body += verdict_cell(verdict_from_name(row.back()).value_or(Verdict::error)) + "</tr>\n";
  }
  return fmt::format("{}{}<p class=\"dim\">{}</p>\n",
                     title.empty() ? std::string() : fmt::format("<h3>{}</h3>\n", html_escaped(title)),
                     table("results networks", {rows.front().begin(), rows.front().end()}, body), html_escaped(legend));
}

/// A bar for each layer as long as it took, in the colour of what bounds it, with a mark where the prediction lies.
std::string layer_bars(const Result& result) {
  constexpr double kWidth = 900, kName = 150, kFigure = 300, kRow = 19;
  constexpr double kTrack = kWidth - kName - kFigure;
  const std::vector<LayerRun>& layers = result.inference->layers;
  double longest = 0;
  for (const LayerRun& layer : layers)
    for (const double seconds : {layer.measured_s, layer.predicted_s})
      if (std::isfinite(seconds)) longest = std::max(longest, seconds);
  if (!(longest > 0)) return {};
  std::string rows;
  double y = 0;
  for (const LayerRun& layer : layers) {
    rows += svg_text(0, y + 13, "start", shortened(one_line(layer.name), 22));
    const bool predicted = positive(layer.predicted_s);
    std::string told = time_text(layer.measured_s);
    if (predicted)
      told += fmt::format(", predicted {}{}", time_text(layer.predicted_s),
                          layer.bound.empty() ? "" : fmt::format(" ({})", layer.bound));
    const std::string_view style = layer.bound == "memory" ? "clock" : layer.bound == "launch" ? "issue" : "kept";
    if (positive(layer.measured_s))
      rows += svg_rect(kName, y + 3, std::max(kTrack * layer.measured_s / longest, 0.6), kRow - 6, style,
                       fmt::format("{}: {}", layer.name, told));
    if (predicted) {
      const double at = kName + kTrack * layer.predicted_s / longest;
      rows += svg_line(at, y + 1, at, y + kRow - 1, "roof");
    }
    rows += svg_text(kWidth, y + 13, "end", told);
    y += kRow;
  }
  return fmt::format(
      "<svg class=\"draw layers\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"layers of {}\">\n{}</svg>\n", kWidth,
      y, html_escaped(row_name(result)), rows);
}

/// The layers of each run; of each network the run with the largest batch stands open.
std::string layers_part(const Report& report) {
  const auto shown = [](const Result& r) { return r.inference && !r.inference->layers.empty() && showable(r.verdict); };
  const auto opened = [&](const Result& r) {
    const Result* largest = nullptr;
    for (const Result& other : report.results)
      if (shown(other) && other.inference->network == r.inference->network &&
          (largest == nullptr || other.inference->batch > largest->inference->batch))
        largest = &other;
    return largest == &r;
  };
  std::string out;
  for (const Result& r : report.results) {
    if (!shown(r)) continue;
    const bool open = opened(r);
    if (is_drawn(r.params) && !open) continue;  // a sweep has too many
    if (const std::string bars = layer_bars(r); !bars.empty())
      out += fmt::format("<details{}><summary>{}, {}, batch {}</summary>\n{}</details>\n", open ? " open" : "",
                         html_escaped(r.inference->network), html_escaped(r.inference->precision), r.inference->batch,
                         bars);
  }
  if (out.empty()) return out;
  const auto key = [](std::string_view style, std::string_view text) {
    return fmt::format(
        R"(<span><svg class="draw layers swatch" viewBox="0 0 14 12"><rect width="14" height="12" class="{}"></rect></svg>{}</span>)",
        style, text);
  };
  return "<h3>Where the time of a pass goes</h3>\n" + out + "<div class=\"legend\">" +
         key("kept", "bound by arithmetic, or not predicted") + key("clock", "bound by memory") +
         key("issue", "bound by the launch") +
         "<span>Bar: measured alone, many times in a row. Line: the least time by the measured "
         "ceilings.</span></div>\n";
}

std::string curves_part(const Report& report) {
  std::string out;
  for (const Curve& curve : training_curves(report))
    out += fmt::format("<h3>{}</h3>\n{}", html_escaped(curve_name(curve)), plot_svg(curve, report.device.spec));
  return out;
}

}  // namespace

std::string networks_section(const Report& report, Detail detail) {
  std::string out = titled_table("", inference_table(report), kInferenceLegend) +
                    titled_table("What their precision costs", quality_table(report), kQualityLegend);
  if (detail < Detail::figures) out += layers_part(report);
  out += titled_table("Training", training_table(report), kTrainingLegend);
  return detail < Detail::figures ? out + curves_part(report) : out;
}

}  // namespace peakproof::reports::html
