#include "reports/heat_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>
#include <string_view>
#include <utility>

#include "reports/render.hpp"

namespace peakproof::reports {
namespace {

constexpr std::string_view kIlp = "ilp";
constexpr std::string_view kWarps = "warps_per_sm";

std::optional<int> whole_number(const Texts& params, std::string_view key) {
  constexpr int kLargest = 1024;  // no SM holds as much; it bounds the grid
  const auto found = params.find(std::string(key));
  if (found == params.end()) return std::nullopt;
  const std::string& text = found->second;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && value >= 1 && value <= kLargest ? std::optional(value) : std::nullopt;
}

bool positive(double x) { return std::isfinite(x) && x > 0; }

struct Point {
  SweepPoint at;
  const Result* result = nullptr;
  std::size_t index = 0;
};

struct Group {
  std::string name;
  Texts params;
  std::vector<Point> points;
};

std::vector<Group> grouped(std::span<const Result> results) {
  std::vector<Group> groups;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Result& result = results[i];
    const auto at = sweep_point(result.params);
    if (!at) continue;
    Texts others = result.params;
    others.erase(std::string(kIlp));
    others.erase(std::string(kWarps));
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const Group& g) { return g.name == result.name && g.params == others; });
    if (group == groups.end()) group = groups.insert(group, {result.name, std::move(others), {}});
    group->points.push_back({*at, &result, i});
  }
  return groups;
}

std::optional<double> efficiency_of(const Result& r) {
  return r.efficiency.issue ? r.efficiency.issue : r.efficiency.spec;
}

/// What the figures of these points can be fractions of.
Basis basis_of(const std::vector<Point>& points) {
  bool issue = false;
  bool spec = false;
  for (const Point& point : points) {
    if (!showable(point.result->verdict)) continue;
    const Efficiency& e = point.result->efficiency;
    issue = issue || e.issue;
    spec = spec || (!e.issue && e.spec);
  }
  if (issue) return spec ? Basis::mixed : Basis::issue;
  return spec ? Basis::spec : Basis::best;
}

/// The highest rate among those that a best point may have.
double best_rate(const std::vector<Point>& points) {
  double best = 0;
  for (const Point& point : points) {
    const Result& r = *point.result;
    const bool counts = showable(r.verdict) && r.verdict != Verdict::noisy && positive(r.achieved_per_s);
    if (counts) best = std::max(best, r.achieved_per_s);
  }
  return best;
}

HeatCell cell_of(const Result& result, Basis basis, double best) {
  HeatCell cell{.verdict = result.verdict};
  if (!showable(result.verdict)) return cell;
  const auto fraction = basis == Basis::best ? std::optional(result.achieved_per_s / best) : efficiency_of(result);
  if (fraction && positive(*fraction)) cell.fraction = fraction;
  return cell;
}

std::vector<int> ascending(const std::vector<Point>& points, int SweepPoint::*coordinate) {
  std::set<int> values;
  for (const Point& point : points) values.insert(point.at.*coordinate);
  return {values.begin(), values.end()};
}

std::size_t place(const std::vector<int>& sorted, int value) {
  return static_cast<std::size_t>(std::lower_bound(sorted.begin(), sorted.end(), value) - sorted.begin());
}

/// The points that can be the best, or where the pipe saturates.
std::vector<MapPoint> candidates(const HeatMap& map, const std::vector<Point>& points) {
  std::vector<MapPoint> found;
  for (const Point& point : points) {
    const HeatCell& cell = map.cell(place(map.warps_per_sm, point.at.warps_per_sm), place(map.ilp, point.at.ilp));
    const bool counts = cell.fraction && cell.verdict != Verdict::noisy && point.result->verdict == cell.verdict;
    if (counts) found.push_back({point.at, *cell.fraction, point.index});
  }
  return found;
}

void find_saturation(HeatMap& map, const std::vector<MapPoint>& points) {
  if (points.empty()) return;
  constexpr double kNearly = 0.99;
  map.best = *std::max_element(points.begin(), points.end(),
                               [](const MapPoint& a, const MapPoint& b) { return a.fraction < b.fraction; });
  for (const MapPoint& point : points) {
    if (point.fraction < kNearly * map.best->fraction) continue;
    const auto rank = [](const MapPoint& p) { return std::pair(p.at.in_flight(), -p.fraction); };
    if (!map.saturated || rank(point) < rank(*map.saturated)) map.saturated = point;
  }
}

HeatMap map_of(const Group& group) {
  HeatMap map{.name = group.name,
              .params = group.params,
              .basis = basis_of(group.points),
              .ilp = ascending(group.points, &SweepPoint::ilp),
              .warps_per_sm = ascending(group.points, &SweepPoint::warps_per_sm)};
  map.cells.resize(map.ilp.size() * map.warps_per_sm.size());
  const double best = best_rate(group.points);
  for (const Point& point : group.points) {
    map.results.push_back(point.index);
    HeatCell& cell =
        map.cells[place(map.warps_per_sm, point.at.warps_per_sm) * map.ilp.size() + place(map.ilp, point.at.ilp)];
    const HeatCell next = cell_of(*point.result, map.basis, best);
    if (!cell.verdict || (cell.fraction && !next.fraction)) cell = next;
  }
  find_saturation(map, candidates(map, group.points));
  return map;
}

std::string point_text(const SweepPoint& at) {
  return fmt::format("{} warp{} per SM x ILP {}", at.warps_per_sm, at.warps_per_sm == 1 ? "" : "s", at.ilp);
}

}  // namespace

std::optional<SweepPoint> sweep_point(const Texts& params) {
  const auto ilp = whole_number(params, kIlp);
  const auto warps = whole_number(params, kWarps);
  return ilp && warps ? std::optional(SweepPoint{*ilp, *warps}) : std::nullopt;
}

std::vector<HeatMap> heat_maps(std::span<const Result> results) {
  std::vector<HeatMap> maps;
  for (const Group& group : grouped(results)) maps.push_back(map_of(group));
  return maps;
}

bool showable(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
    case Verdict::below:
    case Verdict::no_theory:
    case Verdict::noisy:
      return true;
    case Verdict::above_theory:
    case Verdict::incorrect:
    case Verdict::error:
    case Verdict::skipped:
      return false;
  }
  return false;
}

std::string map_name(const HeatMap& map) { return row_name({.name = map.name, .params = map.params}); }

std::string basis_text(const HeatMap& map) {
  switch (map.basis) {
    case Basis::issue:
      return "E_issue in %: of the peak at the measured clock";
    case Basis::spec:
      return "E_spec in %: of the peak at the rated clock, since no clock was measured";
    case Basis::mixed:
      return "E_issue in %: of the peak at the measured clock; E_spec where no clock was measured";
    case Basis::best:
      break;
  }
  return "in % of the fastest point, since no peak with a source is known";
}

std::string saturation_text(const HeatMap& map) {
  if (!map.best || !map.saturated) return "No point can be used, so nothing is known of the saturation.";
  const SweepPoint at = map.saturated->at;
  std::string text = fmt::format("Saturates at {} ({} warp instructions in flight per SM): {} %", point_text(at),
                                 at.in_flight(), percent_text(map.saturated->fraction));
  if (map.best->index == map.saturated->index)
    text += ", the best of the map";
  else
    text +=
        fmt::format(", within 1 % of the best, {} % at {}", percent_text(map.best->fraction), point_text(map.best->at));
  const bool corner = at.ilp == map.ilp.back() && at.warps_per_sm == map.warps_per_sm.back();
  return text + (corner ? "; this is the last point of the map, so more may be reached beyond it." : ".");
}

std::string cell_text(const HeatCell& cell) {
  if (!cell.verdict) return "-";
  if (cell.fraction) {
    constexpr double kWidest = 9.99;  // a fraction that is more is no figure of a map
    const std::string figure = *cell.fraction < kWidest ? percent_text(cell.fraction) : ">999";
    return (figure.size() > 4 ? percent_text(cell.fraction, 0) : figure) + (*cell.verdict == Verdict::noisy ? "~" : "");
  }
  switch (*cell.verdict) {
    case Verdict::incorrect:
      return "WRONG";
    case Verdict::above_theory:
      return ">PEAK";
    case Verdict::skipped:
      return "skip";
    default:
      return "ERROR";
  }
}

std::string_view shade_text(const HeatCell& cell) {
  static constexpr std::array<std::string_view, 5> kShades = {"  ", "░░", "▒▒", "▓▓", "██"};
  if (!cell.fraction) return kShades.front();
  const double step = *cell.fraction * static_cast<double>(kShades.size());
  return kShades[static_cast<std::size_t>(std::clamp(step, 0.0, static_cast<double>(kShades.size() - 1)))];
}

std::string marks_text(const HeatMap& map) {
  bool noisy = false;
  std::set<std::string> marks;
  for (const HeatCell& cell : map.cells) {
    if (!cell.fraction) marks.insert(cell_text(cell));
    noisy = noisy || (cell.fraction && cell.verdict == Verdict::noisy);
  }
  std::vector<std::string> parts;
  if (noisy) parts.emplace_back("~: noisy, does not count");
  static constexpr std::pair<std::string_view, std::string_view> kMeanings[] = {
      {"WRONG", "the answer was wrong"},
      {"ERROR", "not measured, an error"},
      {">PEAK", "above theory, so not believed"},
      {"skip", "the device cannot do it"},
      {"-", "no result"}};
  for (const auto& [mark, meaning] : kMeanings)
    if (marks.count(std::string(mark)) > 0) parts.push_back(fmt::format("{}: {}", mark, meaning));
  return fmt::format("{}", fmt::join(parts, "; "));
}

}  // namespace peakproof::reports
