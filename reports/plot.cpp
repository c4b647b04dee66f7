#include "reports/plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include "reports/html_parts.hpp"
#include "reports/html_text.hpp"
#include "reports/render.hpp"

namespace peakproof::reports {

const std::string_view kPlotStyle = R"(
.plot { width: 100%; max-width: 900px; height: auto; font: 12px system-ui, sans-serif; }
.plot text { fill: var(--ink); } .plot .grid { stroke: var(--line); stroke-width: 1; }
.plot .limit { stroke: var(--dim); stroke-dasharray: 6 4; fill: none; } .plot .aside { fill: var(--dim); }
.plot .line { fill: none; stroke-width: 2; stroke-linejoin: round; } .plot .fit { fill: none; stroke-dasharray: 2 3; }
.plot .c0 { color: #1f6fb4; } .plot .c1 { color: #b4531f; } .plot .c2 { color: #3a7d34; } .plot .c3 { color: #8a3fa0; }
.plot .c4 { color: #8c6d00; } .plot .c5 { color: #4b5663; } .plot .line, .plot .fit { stroke: currentColor; }
.plot .point { fill: currentColor; stroke: var(--page); } .plot .c1 .line { stroke-dasharray: 9 3; }
.plot .c2 .line { stroke-dasharray: 3 3; } .plot .c3 .line { stroke-dasharray: 12 3 3 3; } .plot .c4 .line { stroke-dasharray: 6 2; }
@media (prefers-color-scheme: dark) { .plot .c0 { color: #6fb4f0; } .plot .c1 { color: #f0a06f; } .plot .c2 { color: #7fd08c; }
  .plot .c3 { color: #d09be6; } .plot .c4 { color: #e6c84d; } .plot .c5 { color: #aab4c0; } }
)";

namespace {

constexpr double kWidth = 900;
constexpr double kLeft = 96;
constexpr double kRight = 24;
constexpr double kTop = 18;
constexpr double kPlotHeight = 300;
constexpr double kLegendLine = 18;
constexpr std::size_t kColours = 6;

/// From a value to a place on the page, linear or by the logarithm.
struct Scale {
  double low = 0;
  double high = 1;
  bool logarithmic = false;
  double begin = 0;  ///< of the page, where low stands
  double end = 1;

  [[nodiscard]] double operator()(double value) const {
    const double part = logarithmic ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
    return begin + part * (end - begin);
  }
};

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

/// Places in powers of two are drawn by their logarithm. There a place of 0 has none: it is left out.
bool logarithmic(const Curve& curve) { return curve.axis->logarithmic(); }
bool drawable(const Curve& curve, const CurvePoint& point) {
  return point.y.has_value() && (point.x > 0 || !logarithmic(curve));
}

Scale x_scale(const Curve& curve) {
  Range range;
  for (const CurveLine& line : curve.lines)
    for (const CurvePoint& point : line.points)
      if (drawable(curve, point)) range.add(static_cast<double>(point.x));
  Scale scale{range.low, range.high, logarithmic(curve), kLeft, kWidth - kRight};
  if (!(scale.high > scale.low)) {  // one place: in the middle
    scale.low = scale.logarithmic ? range.low / 2 : range.low - 1;
    scale.high = scale.logarithmic ? range.high * 2 : range.high + 1;
  }
  return scale;
}

/// Rates begin at 0 unless they span so much that the low ones would lie on the axis; shares end at 1, and begin where
/// there is one.
Scale y_scale(const Curve& curve) {
  Range range;
  for (const CurveLine& line : curve.lines)
    for (const CurvePoint& point : line.points)
      if (drawable(curve, point)) range.add(*point.y);
  constexpr double kWide = 20;
  constexpr double kRoom = 1.06;
  Scale scale{0, kRoom * range.high, range.low > 0 && range.high > kWide * range.low, kTop + kPlotHeight, kTop};
  if (curve.peak && !curve.latency) scale.high = std::max(scale.high, kRoom * curve.peak->per_second);
  if (!(scale.high > 0)) scale.high = 1;  // all are 0
  if (scale.logarithmic) scale.low = range.low / kRoom;
  if (curve.unit == "%") {
    constexpr double kBelow = 0.1;  // of what is above the lowest
    scale = {std::max(0.0, range.low - kBelow * (1 - range.low)), 1, false, scale.begin, scale.end};
    if (!(scale.low < scale.high)) scale.low = 0;
    if (curve.target) scale.low = std::min(scale.low, *curve.target);
  }
  return scale;
}

/// Round values inside the scale: 1, 2 or 5 times a power of ten, or of a logarithmic scale all of these.
std::vector<double> round_values(const Scale& scale) {
  std::vector<double> values;
  if (scale.logarithmic) {
    const double first = std::floor(std::log10(scale.low));
    const double decades = std::log10(scale.high) - first;
    constexpr double kFewDecades = 4;  // of more, the powers of ten alone, and of many not each
    constexpr double kMostPowers = 12;
    const double stride = std::ceil(decades / kMostPowers);
    for (double power = first; power <= first + decades; power += std::max(stride, 1.0))
      for (const double step : {1.0, 2.0, 5.0}) {
        const double value = step * std::pow(10, power);
        if (value >= scale.low && value <= scale.high && (step == 1 || decades <= kFewDecades)) values.push_back(value);
      }
    return values;
  }
  constexpr double kAbout = 6;
  const double raw = (scale.high - scale.low) / kAbout;
  const double decade = std::pow(10, std::floor(std::log10(raw)));
  const double step = decade * (raw / decade > 5 ? 10 : raw / decade > 2 ? 5 : raw / decade > 1 ? 2 : 1);
  const double first = std::ceil(scale.low / step) * step;
  constexpr int kMost = 20;  // a range of a few bits has no more, and no step that moves it
  for (int i = 0; i < kMost && first + i * step <= scale.high; ++i) values.push_back(first + i * step);
  return values;
}

/// Powers of two that are far enough apart to be read, or every place where there are few.
std::vector<std::int64_t> places(const Curve& curve, const Scale& x) {
  std::vector<std::int64_t> out;
  if (!logarithmic(curve)) {
    std::set<std::int64_t> all;
    for (const CurveLine& line : curve.lines)
      for (const CurvePoint& point : line.points) all.insert(point.x);
    constexpr std::size_t kMost = 12;
    if (all.size() <= kMost) return {all.begin(), all.end()};
    all.clear();
    for (const double value : round_values(x)) all.insert(std::llround(value));
    return {all.begin(), all.end()};
  }
  constexpr double kApart = 64;
  double last = -std::numeric_limits<double>::infinity();
  for (double value = std::exp2(std::ceil(std::log2(x.low))); value <= x.high; value *= 2) {
    if (x(value) - last < kApart) continue;
    out.push_back(std::llround(value));
    last = x(value);
  }
  return out;
}

/// A shape of its own for each line's points.
std::string marker(std::size_t line, double x, double y) {
  constexpr double r = 4;
  switch (line % 4) {
    case 0:
      return fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="{}" class="point">)", x, y, r);
    case 1:
      return fmt::format(R"(<rect x="{:.1f}" y="{:.1f}" width="{}" height="{}" class="point">)", x - r, y - r, 2 * r,
                         2 * r);
    case 2:
      return fmt::format(R"(<path d="M{:.1f} {:.1f}l{} {}h{}z" class="point">)", x, y - r, r, 2 * r, -2 * r);
    default:
      return fmt::format(R"(<path d="M{:.1f} {:.1f}l{} {}l{} {}l{} {}z" class="point">)", x, y - r, r, r, -r, r, -r,
                         -r);
  }
}
std::string_view end_of_marker(std::size_t line) {
  switch (line % 4) {
    case 0:
      return "</circle>\n";
    case 1:
      return "</rect>\n";
    default:
      return "</path>\n";
  }
}

std::string axes(const Curve& curve, const Scale& x, const Scale& y) {
  std::string out;
  for (const double value : round_values(y)) {
    const std::string text = value == 0 ? "0" : curve.latency ? fmt::format("{:g} ns", value) : y_text(curve, value);
    out += html::svg_line(kLeft, y(value), kWidth - kRight, y(value), "grid");
    out += html::svg_text(kLeft - 6, y(value) + 4, "end", text);
  }
  for (const std::int64_t place : places(curve, x)) {
    const double at = x(static_cast<double>(place));
    out += html::svg_line(at, kTop + kPlotHeight, at, kTop + kPlotHeight + 4, "grid");
    out += html::svg_text(at, kTop + kPlotHeight + 18, "middle", place_text(*curve.axis, place));
  }
  return out +
         html::svg_text((kLeft + kWidth - kRight) / 2, kTop + kPlotHeight + 36, "middle", curve.axis->label, "aside");
}

/// The theoretical peak, and the L2 where the axis is the working set.
std::string limits(const Curve& curve, const theory::DeviceSpec& device, const Scale& x, const Scale& y) {
  std::string out;
  if (curve.peak && !curve.latency && curve.peak->per_second >= y.low && curve.peak->per_second <= y.high) {
    const double at = y(curve.peak->per_second);
    out += html::svg_line(kLeft, at, kWidth - kRight, at, "limit");
    out += html::svg_text(
        kLeft + 6, at - 5, "start",
        fmt::format("{} peak {}", theory::name(curve.peak->pipe), rate_text(curve.peak->per_second, "B/s")), "aside");
  }
  if (curve.target) {
    const double at = y(*curve.target);
    out += html::svg_line(kLeft, at, kWidth - kRight, at, "limit");
    out +=
        html::svg_text(kWidth - kRight, at - 5, "end", fmt::format("target {}", y_text(curve, *curve.target)), "aside");
  }
  const auto l2 = static_cast<double>(device.l2_bytes);
  if (curve.axis->sweep == "size" && l2 > x.low && l2 < x.high) {
    out += html::svg_line(x(l2), kTop, x(l2), kTop + kPlotHeight, "limit");
    out += html::svg_text(x(l2) + 4, kTop + 10, "start",
                          fmt::format("{} {}", device.kind == theory::DeviceKind::cpu ? "last cache" : "L2",
                                      place_text(*curve.axis, device.l2_bytes)),
                          "aside");
  }
  return out;
}

std::string fit_path(const LittleFit& fit, int sm_count, const Scale& x, const Scale& y) {
  std::string path;
  constexpr int kSteps = 96;
  for (int i = 0; i <= kSteps; ++i) {
    const double place = x.low * std::pow(x.high / x.low, static_cast<double>(i) / kSteps);
    const double rate = fit.rate_at(place * sm_count);
    if (rate < y.low || rate > y.high) continue;
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", x(place), y(rate));
  }
  return fmt::format("<path d=\"{}\" class=\"fit\"></path>\n", path);
}

std::string drawn_line(const Curve& curve, std::size_t number, int sm_count, const Scale& x, const Scale& y) {
  constexpr std::size_t kMarked = 40;  // more points than that are a line alone, so that the page stays small
  const CurveLine& line = curve.lines[number];
  std::string path;
  std::string points;
  for (const CurvePoint& point : line.points) {
    if (!drawable(curve, point)) continue;
    const double px = x(static_cast<double>(point.x));
    const double py = y(*point.y);
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", px, py);
    if (line.points.size() > kMarked) continue;
    points += marker(number, px, py);
    points += fmt::format("<title>{}: {}</title>{}", html_escaped(place_text(*curve.axis, point.x)),
                          html_escaped(value_text(curve, point)), end_of_marker(number));
  }
  if (path.empty()) return {};
  std::string out = fmt::format("<g class=\"c{}\">\n", number % kColours);
  if (const auto fit = little_fit(curve, line, sm_count)) out += fit_path(*fit, sm_count, x, y);
  out += fmt::format("<path d=\"{}\" class=\"line\"></path>\n{}", path, points);
  const double legend = kTop + kPlotHeight + 58 + kLegendLine * static_cast<double>(number);
  out += fmt::format(R"(<path d="M{} {:.1f}h36" class="line"></path>)", kLeft, legend - 4);
  out += marker(number, kLeft + 18, legend - 4) + std::string(end_of_marker(number));
  return out + html::svg_text(kLeft + 46, legend, "start", line_name(line)) + "</g>\n";
}

}  // namespace

std::string plot_svg(const Curve& curve, const theory::DeviceSpec& device) {
  const bool any = std::any_of(curve.lines.begin(), curve.lines.end(), [&](const CurveLine& line) {
    return std::any_of(line.points.begin(), line.points.end(),
                       [&](const CurvePoint& point) { return drawable(curve, point); });
  });
  if (!any) return {};
  const Scale x = x_scale(curve);
  const Scale y = y_scale(curve);
  const double height = kTop + kPlotHeight + 52 + kLegendLine * static_cast<double>(curve.lines.size());
  std::string out = fmt::format("<svg class=\"plot\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n", kWidth,
                                height, html_escaped(curve_name(curve)));
  out += axes(curve, x, y) + limits(curve, device, x, y);
  for (std::size_t i = 0; i < curve.lines.size(); ++i) out += drawn_line(curve, i, device.sm_count, x, y);
  return out + "</svg>\n";
}

}  // namespace peakproof::reports
