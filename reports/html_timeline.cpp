// Clock, power and temperature over the run, with the reasons for a lowered clock, the regions of the results and what
// the driver reported; and the health counters.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "reports/heat_map.hpp"
#include "reports/html_parts.hpp"
#include "reports/html_sections.hpp"
#include "reports/html_text.hpp"

namespace peakproof::reports::html {
namespace {

constexpr double kWidth = 960, kLeft = 120, kRight = 16, kTop = 20, kPanel = 84, kGap = 24, kLane = 15;
constexpr double kTrack = kWidth - kLeft - kRight;

/// From the seconds of the run to a place on the page.
struct Time {
  double begin = 0, end = 1;
  [[nodiscard]] double operator()(double at_s) const {
    return kLeft + kTrack * std::clamp((at_s - begin) / (end - begin), 0.0, 1.0);
  }
};

/// One quantity of the timeline.
struct Panel {
  std::string_view label, unit;
  std::string_view style;
  double factor = 1;  ///< from the report's unit to the one that is shown
  std::optional<double> TelemetryPoint::*value;
  double limit = 0;  ///< drawn where it is greater than 0
  std::string_view limit_label;
};

/// 1, 2 or 5 times a power of ten, so that about four of them fill the range.
double round_step(double range) {
  const double raw = range / 4;
  const double decade = std::pow(10, std::floor(std::log10(raw)));
  return decade * (raw / decade > 5 ? 10 : raw / decade > 2 ? 5 : raw / decade > 1 ? 2 : 1);
}

std::string panel_svg(const Panel& panel, const std::vector<TelemetryPoint>& points, const Time& time, double top) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const TelemetryPoint& point : points) {
    if (!finite(point.*panel.value)) continue;
    low = std::min(low, *(point.*panel.value) * panel.factor);
    high = std::max(high, *(point.*panel.value) * panel.factor);
  }
  if (!(low <= high) || !std::isfinite(high - low))
    return svg_text(kLeft - 8, top + kPanel / 2, "end", fmt::format("{}: not read", panel.label), "aside");
  const bool limited = std::isfinite(panel.limit) && panel.limit > 0;
  if (limited) high = std::max(high, panel.limit);
  if (limited) low = std::min(low, panel.limit);
  const double step = round_step(std::max(high - low, std::max(1e-9, 0.02 * std::abs(high))));
  low = std::floor(low / step) * step;
  high = std::max(std::ceil(high / step) * step, low + step);
  const auto y = [&](double value) { return top + kPanel * (1 - (value - low) / (high - low)); };

  std::string out = svg_text(0, top + 11, "start", panel.label) + svg_text(0, top + 26, "start", panel.unit, "aside");
  for (int i = 0; low + i * step <= high + step / 2; ++i) {
    out += svg_line(kLeft, y(low + i * step), kWidth - kRight, y(low + i * step), "grid");
    out += svg_text(kLeft - 6, y(low + i * step) + 4, "end", fmt::format("{:g}", low + i * step), "aside");
  }
  if (limited) {
    out += svg_line(kLeft, y(panel.limit), kWidth - kRight, y(panel.limit), "limit");
    out += svg_text(kWidth - kRight, y(panel.limit) - 3, "end",
                    fmt::format("{} {:g} {}", panel.limit_label, panel.limit, panel.unit), "aside");
  }
  std::string path;
  bool pen_down = false;  // an unread point is a gap, no line across it
  for (const TelemetryPoint& point : points) {
    if (!finite(point.*panel.value)) {
      pen_down = false;
      continue;
    }
    path +=
        fmt::format("{}{:.1f} {:.1f}", pen_down ? "L" : "M", time(point.at_s), y(*(point.*panel.value) * panel.factor));
    pen_down = true;
  }
  return out + fmt::format("<path d=\"{}\" class=\"{}\"></path>\n", path, panel.style);
}

/// Where a reason held, as a lane of bands.
std::string lane_svg(std::uint64_t bit, std::string_view label, bool calm, const std::vector<TelemetryPoint>& points,
                     const Time& time, double top) {
  std::string out = svg_text(kLeft - 6, top + 11, "end", label);
  std::optional<double> since;
  const auto end = [&](double until) {
    if (since)
      out += svg_rect(time(*since), top + 3, std::max(time(until) - time(*since), 1.0), kLane - 5,
                      calm ? "calm" : "band", fmt::format("{}: {:.1f} to {:.1f} s", label, *since, until));
    since.reset();
  };
  for (const TelemetryPoint& point : points) {
    const bool held = point.clock_reasons && (*point.clock_reasons & bit) != 0;
    if (held && !since) since = point.at_s;
    if (!held) end(point.at_s);
  }
  end(points.back().at_s);
  return out;
}

/// The names of the reasons that occur, each with its bit; a bit without a name as a number.
std::vector<std::pair<std::uint64_t, std::string>> reasons_of(const std::vector<TelemetryPoint>& points) {
  std::uint64_t seen = 0;
  for (const TelemetryPoint& point : points) seen |= point.clock_reasons.value_or(0);
  std::vector<std::pair<std::uint64_t, std::string>> out;
  for (const ClockReasonName& reason : clock_reason_names()) {
    if (reason.bit != 0 && (seen & reason.bit) == reason.bit) out.emplace_back(reason.bit, reason.name);
    seen &= ~reason.bit;
  }
  for (std::uint64_t bit = 1; bit != 0; bit <<= 1)
    if ((seen & bit) != 0) out.emplace_back(bit, fmt::format("reason {:#x}", bit));
  return out;
}

/// The regions in which results were sampled, in two shades in turn; where there is room, with their numbers.
std::string regions_svg(const Report& report, const Time& time, double top) {
  std::string out = svg_text(kLeft - 6, top + 11, "end", "sampled");
  bool odd = false;
  for (const Result& result : report.results) {
    if (!result.telemetry || !(result.telemetry->end_s > result.telemetry->begin_s) ||
        !std::isfinite(result.telemetry->end_s - result.telemetry->begin_s))
      continue;
    const double x = time(result.telemetry->begin_s);
    const double width = std::max(time(result.telemetry->end_s) - x, 1.0);
    out += svg_rect(
        x, top + 2, width, kLane - 3, odd ? "region2" : "region",
        fmt::format("{}: {:.1f} to {:.1f} s", row_name(result), result.telemetry->begin_s, result.telemetry->end_s));
    constexpr double kCharacter = 6.5;  // of 12 px text, about
    if (const auto fits = static_cast<std::size_t>(width / kCharacter); fits >= 4)
      out += svg_text(x + 2, top + 11, "start", shortened(result.name, fits), "number");
    odd = !odd;
  }
  return out;
}

std::string events_svg(const Health& health, const Time& time, double top, double bottom) {
  std::string out;
  for (const HealthEvent& event : health.events) {
    if (!std::isfinite(event.at_s)) continue;
    out += svg_line(time(event.at_s), top, time(event.at_s), bottom, "event");
    const bool at_end = time(event.at_s) > kWidth - 120;
    out += svg_text(time(event.at_s) + (at_end ? -4 : 4), top + 8, at_end ? "end" : "start",
                    event.kind == "xid" ? fmt::format("Xid {}", event.number) : event.kind, "alarm");
  }
  return out;
}

std::string time_axis(const Time& time, double y) {
  std::string out;
  const double step = round_step((time.end - time.begin) / 2);
  for (int i = 0; i * step <= time.end - time.begin + step / 100; ++i) {
    const double at = time.begin + i * step;
    out += svg_line(time(at), y, time(at), y + 4, "grid") +
           svg_text(time(at), y + 16, "middle", fmt::format("{:g} s", at), "aside");
  }
  return out;
}

constexpr std::uint64_t kGpuIdle = 0x1;  // nvml.h: nvmlClocksEventReasonGpuIdle

}  // namespace

std::string timeline_section(const Report& report, Detail detail) {
  if (!report.health || detail >= Detail::figures) return {};
  constexpr int kFew = 240;
  std::vector<TelemetryPoint> points = report.health->timeline;
  std::erase_if(points, [](const TelemetryPoint& point) { return !std::isfinite(point.at_s); });
  if (detail != Detail::full && points.size() > kFew) points = thinned(points, kFew);
  if (points.size() < 2 || !(points.back().at_s > points.front().at_s) ||
      !std::isfinite(points.back().at_s - points.front().at_s))
    return {};
  const Time time{points.front().at_s, points.back().at_s};
  const theory::DeviceSpec& d = report.device.spec;
  const std::vector<Panel> panels = {
      {"SM clock", "MHz", "s0", 1e-6, &TelemetryPoint::sm_clock_hz, d.sm_clock_hz * 1e-6, "rated"},
      {"power", "W", "s1", 1, &TelemetryPoint::power_w, d.power_limit_w, "limit"},
      {"temperature", "°C", "s2", 1, &TelemetryPoint::temperature_c, 0, ""}};
  double y = kTop;
  std::string body;
  for (const Panel& panel : panels) {
    body += panel_svg(panel, points, time, y);
    y += kPanel + kGap;
  }
  for (const auto& [bit, label] : reasons_of(points)) {
    body += lane_svg(bit, label, bit == kGpuIdle, points, time, y);
    y += kLane;
  }
  body += regions_svg(report, time, y);
  y += kLane + 2;
  body += events_svg(*report.health, time, kTop - 12, y) + time_axis(time, y);
  std::string out = fmt::format(
      "<div class=\"scroll\"><svg class=\"draw\" viewBox=\"0 0 {} {:.0f}\" role=\"img\" aria-label=\"clock, power and "
      "temperature over the run\">\n{}</svg></div>\n",
      kWidth, y + 22, body);
  if (report.health->stale)
    out += "<p><b>The source stopped answering during the run: what came after is not known.</b></p>\n";
  return out;
}

namespace {

enum class Changed { yes, unknown, no };

Changed changed(const Counter& counter) {
  if (!finite(counter.before) || !finite(counter.after)) return Changed::unknown;
  return *counter.before == *counter.after ? Changed::no : Changed::yes;
}

std::string counter_row(const Counter& counter) {
  const Changed kind = changed(counter);
  std::string difference = "not known";
  if (kind != Changed::unknown) {
    const double delta = *counter.after - *counter.before;
    difference = kind == Changed::no ? "0" : fmt::format("{}{}", delta > 0 ? "+" : "−", number_text(std::abs(delta)));
  }
  return fmt::format(
      "<tr><th scope=\"row\">{}</th><td class=\"figure\">{}</td><td class=\"figure\">{}</td>"
      "<td class=\"figure\">{}</td><td>{}</td></tr>\n",
      html_escaped(counter.name), number_text(counter.before), number_text(counter.after),
      kind == Changed::yes ? fmt::format("<b>{}</b>", difference) : difference,
      html_escaped(counter.why.empty() ? counter.unit : counter.why));
}

std::string counters_table(const std::vector<Counter>& counters, Changed kind) {
  std::string rows;
  for (const Counter& counter : counters)
    if (changed(counter) == kind) rows += counter_row(counter);
  return rows.empty() ? rows : table("checks", {"counter", ">before", ">after", ">change", "unit"}, rows);
}

/// Those of one reason in one line.
std::string unread_counters(const std::vector<Counter>& counters) {
  std::map<std::string, std::string> names;
  for (const Counter& counter : counters) {
    if (changed(counter) != Changed::unknown) continue;
    std::string& list = names[counter.why.empty() ? "no reason is known" : counter.why];
    list += (list.empty() ? "" : ", ") + counter.name;
    if (finite(counter.before) || finite(counter.after))
      list += fmt::format(" ({} before, {} after)", number_text(counter.before), number_text(counter.after));
  }
  std::vector<Line> lines;
  lines.reserve(names.size());
  for (const auto& [why, list] : names) lines.push_back({"not read", fmt::format("{}: {}", why, list)});
  return lines.empty() ? std::string() : definitions(lines);
}

std::string events_table(const std::vector<HealthEvent>& events) {
  std::string rows;
  for (const HealthEvent& event : events)
    rows += fmt::format("<tr><td class=\"figure\">{:.1f} s</td><th scope=\"row\">{}{}</th><td>{}</td></tr>\n",
                        event.at_s, html_escaped(event.kind), event.number != 0 ? fmt::format(" {}", event.number) : "",
                        html_escaped(event.text));
  return rows.empty() ? rows : table("checks", {">at", "event", "what it means"}, rows);
}

}  // namespace

std::string health_section(const Report& report, Detail detail) {
  if (!report.health) return {};
  const Health& health = *report.health;
  std::string out;
  if (!health.source.empty() || !health.why.empty())
    out += fmt::format(
        "<p class=\"dim\">{}</p>\n",
        html_escaped(health.source.empty() ? "Nobody could be asked: " + health.why
                                           : health.source + (health.why.empty() ? "" : "; " + health.why)));
  out += events_table(health.events);
  out += counters_table(health.counters, Changed::yes);
  const std::string unknown = unread_counters(health.counters);
  const std::string same = counters_table(health.counters, Changed::no);
  if (out.find("<table") == std::string::npos && !same.empty())
    out += "<p>No counter that could be read changed, and the driver reported nothing.</p>\n";
  if (detail >= Detail::figures) return out;
  return out + unknown + folded("counters that did not change", same);
}

}  // namespace peakproof::reports::html
