#include "reports/heat_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "reports/render.hpp"

namespace peakproof::reports {
namespace {

constexpr std::size_t kMostValues = 1024;  // of columns, and of rows: a file of any size makes no page without end

/// The params of a grid, how they are called, and the largest value that they take.
struct Axes {
  std::string column;
  std::string row;
  std::string_view column_label;
  std::string_view row_label;
  int largest;
};

const Axes& axes(Grid grid) {
  static const Axes kChains{"ilp", "warps_per_sm", "ILP", "warps per SM", 1024};  // no SM holds as much
  static const Axes kShapes{"n", "m", "n", "m", 1 << 20};
  return grid == Grid::chains ? kChains : kShapes;
}

std::optional<std::string_view> text_of(const Texts& params, const std::string& key) {
  const auto found = params.find(key);
  return found == params.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

std::optional<int> whole_number(const Texts& params, const std::string& key, int largest) {
  const auto found = text_of(params, key);
  if (!found) return std::nullopt;
  const std::string_view text = *found;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && value >= 1 && value <= largest ? std::optional(value) : std::nullopt;
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
  Grid grid = Grid::chains;
  std::vector<Point> points;
};

std::vector<Group> grouped(std::span<const Result> results) {
  std::vector<Group> groups;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Result& result = results[i];
    const auto at = sweep_point(result.params);
    if (!at) continue;
    Texts others = result.params;
    for (const auto& key : {axes(at->grid).column, axes(at->grid).row, std::string("sweep")}) others.erase(key);
    auto group = std::find_if(groups.begin(), groups.end(), [&](const Group& g) {
      return g.name == result.name && g.params == others && g.grid == at->grid;
    });
    if (group == groups.end()) group = groups.insert(group, {result.name, std::move(others), at->grid, {}});
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

/// The lowest values that a map shows.
std::vector<int> ascending(const std::vector<Point>& points, int SweepPoint::*coordinate) {
  std::set<int> values;
  for (const Point& point : points) values.insert(point.at.*coordinate);
  std::vector<int> sorted(values.begin(), values.end());
  if (sorted.size() > kMostValues) sorted.resize(kMostValues);
  return sorted;
}

/// Takes the points that the map's columns and rows do not reach out of the group.
void leave_out(HeatMap& map, std::vector<Point>& points) {
  const std::size_t before = points.size();
  std::erase_if(points, [&](const Point& point) {
    return point.at.column > map.columns.back() || point.at.row > map.rows.back();
  });
  map.left_out = static_cast<int>(before - points.size());
}

std::size_t place(const std::vector<int>& sorted, int value) {
  return static_cast<std::size_t>(std::lower_bound(sorted.begin(), sorted.end(), value) - sorted.begin());
}

/// The points that can be the best, or where the pipe saturates.
std::vector<MapPoint> candidates(const HeatMap& map, const std::vector<Point>& points) {
  std::vector<MapPoint> found;
  for (const Point& point : points) {
    const HeatCell& cell = map.cell(place(map.rows, point.at.row), place(map.columns, point.at.column));
    const bool counts = cell.fraction && cell.verdict != Verdict::noisy && point.result->verdict == cell.verdict;
    if (counts) found.push_back({point.at, *cell.fraction, point.result->achieved_per_s, point.index});
  }
  return found;
}

void find_saturation(HeatMap& map, const std::vector<MapPoint>& points) {
  if (points.empty()) return;
  constexpr double kNearly = 0.99;
  const auto highest = [&](double MapPoint::*figure) {
    return *std::max_element(points.begin(), points.end(),
                             [&](const MapPoint& a, const MapPoint& b) { return a.*figure < b.*figure; });
  };
  map.best = highest(&MapPoint::fraction);
  map.fastest = highest(&MapPoint::achieved_per_s);
  for (const MapPoint& point : points) {
    if (point.fraction < kNearly * map.best->fraction) continue;
    const auto rank = [](const MapPoint& p) { return std::pair(p.at.size(), -p.fraction); };
    if (!map.saturated || rank(point) < rank(*map.saturated)) map.saturated = point;
  }
}

HeatMap map_of(Group group) {
  HeatMap map{.name = group.name,
              .params = group.params,
              .grid = group.grid,
              .unit = group.points.front().result->unit,
              .columns = ascending(group.points, &SweepPoint::column),
              .rows = ascending(group.points, &SweepPoint::row)};
  leave_out(map, group.points);
  map.basis = basis_of(group.points);
  map.cells.resize(map.columns.size() * map.rows.size());
  const double best = best_rate(group.points);
  for (const Point& point : group.points) {
    map.results.push_back(point.index);
    HeatCell& cell =
        map.cells[place(map.rows, point.at.row) * map.columns.size() + place(map.columns, point.at.column)];
    const HeatCell next = cell_of(*point.result, map.basis, best);
    if (!cell.verdict || (cell.fraction && !next.fraction)) cell = next;
  }
  find_saturation(map, candidates(map, group.points));
  return map;
}

/// Whether nothing of the map lies beyond the point.
bool is_last(const HeatMap& map, const SweepPoint& at) {
  return at.column == map.columns.back() && at.row == map.rows.back();
}

std::string chains_text(const HeatMap& map) {
  const SweepPoint at = map.saturated->at;
  std::string text = fmt::format("Saturates at {} ({} warp instructions in flight per SM): {} %", place_text(at),
                                 at.size(), percent_text(map.saturated->fraction));
  if (map.best->index == map.saturated->index)
    text += ", the best of the map";
  else
    text +=
        fmt::format(", within 1 % of the best, {} % at {}", percent_text(map.best->fraction), place_text(map.best->at));
  return text + (is_last(map, at) ? "; this is the last point of the map, so more may be reached beyond it." : ".");
}

std::string shapes_text(const HeatMap& map) {
  const auto figures = [&](const MapPoint& point) {
    return fmt::format("{}: {} %, {}", place_text(point.at), percent_text(point.fraction),
                       rate_text(point.achieved_per_s, map.unit));
  };
  std::string text = "Best shape: " + figures(*map.best);
  if (map.saturated->index != map.best->index)
    text += fmt::format("; the smallest within 1 % of it: {}", figures(*map.saturated));
  if (map.fastest->index != map.best->index) text += fmt::format("; the fastest: {}", figures(*map.fastest));
  return text + (is_last(map, map.best->at) ? "; larger ones may be better still." : ".");
}

}  // namespace

std::string_view column_label(Grid grid) { return axes(grid).column_label; }
std::string_view row_label(Grid grid) { return axes(grid).row_label; }

std::optional<SweepPoint> sweep_point(const Texts& params) {
  const bool shapes = text_of(params, "sweep") == "shapes";
  const Grid grid = shapes ? Grid::shapes : Grid::chains;
  const auto column = whole_number(params, axes(grid).column, axes(grid).largest);
  const auto row = whole_number(params, axes(grid).row, axes(grid).largest);
  return column && row ? std::optional(SweepPoint{grid, *column, *row}) : std::nullopt;
}

bool is_sweep(const Texts& params) { return params.count("sweep") > 0 || sweep_point(params); }

std::vector<HeatMap> heat_maps(std::span<const Result> results) {
  std::vector<HeatMap> maps;
  for (Group& group : grouped(results)) maps.push_back(map_of(std::move(group)));
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

std::string place_text(const SweepPoint& at) {
  if (at.grid == Grid::shapes) return fmt::format("m {}, n {}", at.row, at.column);
  return fmt::format("{} warp{} per SM x ILP {}", at.row, at.row == 1 ? "" : "s", at.column);
}

std::string saturation_text(const HeatMap& map) {
  const bool chains = map.grid == Grid::chains;
  if (!map.best || !map.saturated || !map.fastest)
    return fmt::format("No point can be used, so nothing is known of the {}.", chains ? "saturation" : "best shape");
  return chains ? chains_text(map) : shapes_text(map);
}

std::vector<std::string> best_k_texts(std::span<const HeatMap> maps) {
  /// The maps of one product, by their k.
  struct Family {
    Texts params;
    std::string name;
    std::map<int, const HeatMap*> of_k;
  };
  std::vector<Family> families;
  for (const HeatMap& map : maps) {
    const auto k = whole_number(map.params, "k", axes(Grid::shapes).largest);
    if (map.grid != Grid::shapes || !k || !map.fastest) continue;
    Texts others = map.params;
    others.erase("k");
    auto family = std::find_if(families.begin(), families.end(),
                               [&](const Family& f) { return f.name == map.name && f.params == others; });
    if (family == families.end()) family = families.insert(family, {std::move(others), map.name, {}});
    family->of_k.emplace(*k, &map);
  }
  std::vector<std::string> texts;
  for (const Family& family : families) {
    if (family.of_k.size() < 2) continue;
    std::vector<std::string> parts;
    const auto& [best_k, best] =
        *std::max_element(family.of_k.begin(), family.of_k.end(), [](const auto& a, const auto& b) {
          return a.second->fastest->achieved_per_s < b.second->fastest->achieved_per_s;
        });
    for (const auto& [k, map] : family.of_k)
      parts.push_back(fmt::format("k {}: {} at {}", k, rate_text(map->fastest->achieved_per_s, map->unit),
                                  place_text(map->fastest->at)));
    texts.push_back(fmt::format("Fastest k of {}: {} ({})", row_name({.name = family.name, .params = family.params}),
                                best_k, fmt::join(parts, "; ")));
  }
  return texts;
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
  if (map.left_out > 0)
    parts.push_back(fmt::format("{} points lie beyond the {} lowest values of {} and {}, and are left out",
                                map.left_out, kMostValues, row_label(map.grid), column_label(map.grid)));
  return fmt::format("{}", fmt::join(parts, "; "));
}

}  // namespace peakproof::reports
