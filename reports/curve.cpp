#include "reports/curve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

#include "reports/heat_map.hpp"
#include "reports/networks_view.hpp"
#include "reports/render.hpp"

namespace peakproof::reports {
namespace {

constexpr std::array kAxes = {
    CurveAxis{"size", "bytes", "working set", "over the working set", true},
    CurveAxis{"in_flight", "bytes_in_flight_per_sm", "in flight per SM", "over the bytes in flight", true},
    CurveAxis{"mix", "write_percent", "written", "over the share of writes", false},
    CurveAxis{"stride", "stride_bytes", "stride", "over the stride", true},
    CurveAxis{.sweep = "batch",
              .param = "batch",
              .label = "batch size",
              .title = "over the batch size",
              .counts = true,
              .powers = true,
              .apart = "network"},
};

std::optional<std::int64_t> whole_number(const Texts& params, std::string_view key) {
  const auto found = params.find(std::string(key));
  if (found == params.end()) return std::nullopt;
  const std::string& text = found->second;
  constexpr std::int64_t kLargest = std::int64_t{1} << 50;
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  const bool whole = error == std::errc() && rest == end && !text.empty() && value >= 0 && value <= kLargest;
  return whole ? std::optional(value) : std::nullopt;
}

std::optional<double> value_of(const Result& result) {
  if (!showable(result.verdict)) return std::nullopt;
  if (result.inference || result.training) return network_items_per_s(result);
  double value = result.achieved_per_s;
  if (result.latency) {
    if (!usable(*result.latency)) return std::nullopt;
    value = result.latency->ns.value_or(0);
  }
  return std::isfinite(value) && value > 0 ? std::optional(value) : std::nullopt;
}

/// The line of these params, a new one at the end if there is none.
CurveLine& line_of(Curve& curve, const Texts& params) {
  const auto found = std::find_if(curve.lines.begin(), curve.lines.end(),
                                  [&](const CurveLine& line) { return line.params == params; });
  return found != curve.lines.end() ? *found : curve.lines.emplace_back(CurveLine{params, {}});
}

/// Params that all lines share tell nothing apart: only the others stay.
void keep_what_differs(Curve& curve) {
  const Texts first = curve.lines.front().params;
  for (const auto& param : first) {
    const bool shared = std::all_of(curve.lines.begin(), curve.lines.end(), [&](const CurveLine& line) {
      const auto found = line.params.find(param.first);
      return found != line.params.end() && found->second == param.second;
    });
    if (!shared || (param.first == "pattern" && curve.lines.size() == 1)) continue;
    for (CurveLine& line : curve.lines) line.params.erase(param.first);
  }
}

std::string bytes_text(std::int64_t bytes) {
  static constexpr std::array<std::string_view, 6> kUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  constexpr double kStep = 1024;
  while (value >= kStep && unit + 1 < kUnits.size()) {
    value /= kStep;
    ++unit;
  }
  return fmt::format("{:.4g} {}", value, kUnits[unit]);
}

/// What a result's y is in.
std::string_view unit_of(const Result& result) {
  if (result.latency) return "ns";
  if (result.inference) return "items/s";
  return result.training ? "samples/s" : std::string_view(result.unit);
}

/// The benchmark, and the value of the param that gets a plot of its own.
std::string name_of(const Result& result, const CurveAxis& axis) {
  const auto apart = axis.apart.empty() ? result.params.end() : result.params.find(std::string(axis.apart));
  return apart == result.params.end() ? result.name : fmt::format("{} of {}", result.name, apart->second);
}

std::string latency_ns(double seconds) { return fmt::format("{:.0f} ns", seconds * 1e9); }

std::string little_sentence(const LittleFit& fit, int sm_count) {
  const auto per_sm = [&](double bytes) {
    return bytes_text(static_cast<std::int64_t>(std::lround(bytes / sm_count)));
  };
  std::string text = fmt::format(
      "By Little's law (fit within {:.1f} %) the peak is {} and the latency without load {}: {} in flight per SM would "
      "fill it if load cost nothing",
      100 * fit.residual, rate_text(fit.peak_per_s, "B/s"), latency_ns(fit.latency_s), per_sm(fit.needed_bytes()));
  if (fit.loaded_bytes)
    text += fmt::format("; 95 % of it takes {}, a latency under load of {}", per_sm(*fit.loaded_bytes),
                        latency_ns(*fit.loaded_latency_s));
  else
    text += "; no point reaches 95 % of it, so that the peak is extrapolated";
  return text + ".";
}

}  // namespace

std::span<const CurveAxis> curve_axes() { return kAxes; }

std::optional<CurvePlace> curve_place(const Texts& params) {
  const auto sweep = params.find("sweep");
  if (sweep == params.end()) return std::nullopt;
  for (const CurveAxis& axis : kAxes)
    if (axis.sweep == sweep->second)
      if (const auto x = whole_number(params, axis.param)) return CurvePlace{&axis, *x};
  return std::nullopt;
}

std::vector<Curve> curves(std::span<const Result> results) {
  std::vector<Curve> found;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Result& result = results[i];
    const auto place = curve_place(result.params);
    if (!place) continue;
    const bool latency = result.latency.has_value();
    // A point that was not measured has no latency and no network, and belongs to whatever curve of its name there is.
    const bool unmeasured = !showable(result.verdict);
    const std::string name = name_of(result, *place->axis);
    auto curve = std::find_if(found.begin(), found.end(), [&](const Curve& c) {
      return c.name == name && c.axis == place->axis && (unmeasured || c.latency == latency);
    });
    if (curve == found.end())
      curve = found.insert(found.end(), {.name = name,
                                         .axis = place->axis,
                                         .latency = latency,
                                         .unit = std::string(unit_of(result)),
                                         .lines = {},
                                         .peak = {}});
    const bool network = result.inference || result.training;
    if (network) curve->unit = unit_of(result);
    if (!network && result.peak && (!curve->peak || result.peak->per_second < curve->peak->per_second))
      curve->peak = result.peak;
    Texts others = result.params;
    others.erase("sweep");
    others.erase(std::string(place->axis->param));
    line_of(*curve, others)
        .points.push_back({.x = place->x, .y = value_of(result), .verdict = result.verdict, .result = i});
  }
  for (Curve& curve : found) {
    keep_what_differs(curve);
    for (CurveLine& line : curve.lines)
      std::stable_sort(line.points.begin(), line.points.end(),
                       [](const CurvePoint& a, const CurvePoint& b) { return a.x < b.x; });
  }
  return found;
}

std::string curve_name(const Curve& curve) { return fmt::format("{} {}", curve.name, curve.axis->title); }

std::string line_name(const CurveLine& line) {
  constexpr std::string_view kBytes = "_bytes";
  std::string text;
  for (const auto& [key, value] : line.params) {
    const auto bytes = key.ends_with(kBytes) ? whole_number(line.params, key) : std::nullopt;
    text += text.empty() ? "" : ", ";
    text += bytes ? fmt::format("{} {}", key.substr(0, key.size() - kBytes.size()), bytes_text(*bytes))
                  : fmt::format("{} {}", key, value);
  }
  return text.empty() ? "all" : one_line(text);
}

std::string place_text(const CurveAxis& axis, std::int64_t x) {
  if (axis.bytes) return bytes_text(x);
  return axis.counts ? fmt::format("{}", x) : fmt::format("{} %", x);
}

std::string y_text(const Curve& curve, double y) {
  if (curve.latency) return fmt::format("{} ns", cycles_text(y));
  if (curve.unit == "%") return percent_text(y) + " %";
  if (curve.unit.empty()) return fmt::format("{:.4g}", y);
  const bool items = curve.unit == "items/s" || curve.unit == "samples/s";
  return items ? fmt::format("{} {}", amount_text(y), curve.unit) : rate_text(y, curve.unit);
}

std::string value_text(const Curve& curve, const CurvePoint& point) {
  if (point.y) return y_text(curve, *point.y) + (point.verdict == Verdict::noisy ? "~" : "");
  return cell_text(HeatCell{.verdict = point.verdict});
}

std::vector<std::vector<std::string>> curve_table(const Curve& curve) {
  std::set<std::int64_t> places;
  std::vector<std::string> header = {std::string(curve.axis->label)};
  for (const CurveLine& line : curve.lines) {
    header.push_back(line_name(line));
    for (const CurvePoint& point : line.points) places.insert(point.x);
  }
  std::vector<std::vector<std::string>> rows = {std::move(header)};
  for (const std::int64_t x : places) {
    std::vector<std::string> row = {place_text(*curve.axis, x)};
    for (const CurveLine& line : curve.lines) {
      const auto point =
          std::find_if(line.points.begin(), line.points.end(), [x](const CurvePoint& p) { return p.x == x; });
      row.push_back(point == line.points.end() ? std::string("-") : value_text(curve, *point));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::optional<LittleFit> little_fit(const Curve& curve, const CurveLine& line, int sm_count) {
  if (curve.axis->sweep != "in_flight" || curve.latency || sm_count <= 0) return std::nullopt;
  std::vector<FlightPoint> points;
  for (const CurvePoint& point : line.points)
    if (point.y && point.verdict != Verdict::noisy)
      points.push_back({.in_flight_bytes = static_cast<double>(point.x) * sm_count, .per_second = *point.y});
  return fit_littles_law(points);
}

std::vector<std::string> curve_sentences(const Curve& curve, int sm_count) {
  std::vector<std::string> sentences;
  for (const CurveLine& line : curve.lines) {
    std::vector<CurvePoint> usable;
    for (const CurvePoint& point : line.points)
      if (point.y && point.verdict != Verdict::noisy) usable.push_back(point);
    const std::string name = curve.lines.size() > 1 ? line_name(line) + ": " : std::string();
    if (usable.empty()) {
      sentences.push_back((name.empty() ? "No" : name + "no") + " point can be used.");
      continue;
    }
    const auto [low, high] = std::minmax_element(usable.begin(), usable.end(),
                                                 [](const CurvePoint& a, const CurvePoint& b) { return *a.y < *b.y; });
    std::string text = fmt::format("{} {} at {}, lowest {} at {}.", name.empty() ? "Highest" : name + "highest",
                                   y_text(curve, *high->y), place_text(*curve.axis, high->x), y_text(curve, *low->y),
                                   place_text(*curve.axis, low->x));
    if (const auto fit = little_fit(curve, line, sm_count))
      text += fmt::format(" {}", little_sentence(*fit, sm_count));
    else if (curve.axis->sweep == "in_flight")
      text += " Its points give no fit of Little's law.";
    sentences.push_back(text);
  }
  const bool noisy = std::any_of(curve.lines.begin(), curve.lines.end(), [](const CurveLine& line) {
    return std::any_of(line.points.begin(), line.points.end(),
                       [](const CurvePoint& point) { return point.verdict == Verdict::noisy; });
  });
  if (noisy) sentences.emplace_back("~: noisy, does not count.");
  return sentences;
}

bool is_drawn(const Texts& params) { return sweep_point(params).has_value() || curve_place(params).has_value(); }

}  // namespace peakproof::reports
