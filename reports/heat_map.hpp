// Where a pipe saturates: the points of a sweep over ILP and warps per SM as a grid. Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/result.hpp"

namespace peakproof::reports {

/// Where a result stands in a sweep: its params "ilp" (independent chains per thread) and "warps_per_sm".
struct SweepPoint {
  int ilp = 0;
  int warps_per_sm = 0;
  /// Dependent chains that one SM has in flight, each a warp wide.
  [[nodiscard]] int in_flight() const { return ilp * warps_per_sm; }
  friend bool operator==(const SweepPoint&, const SweepPoint&) = default;
};
/// Nothing unless both params are whole numbers from 1 to 1024: then the result is an ordinary one.
[[nodiscard]] std::optional<SweepPoint> sweep_point(const Texts& params);

/// What the figures of a map are fractions of.
enum class Basis {
  issue,  ///< the peak at the measured clock
  spec,   ///< the peak at the rated clock: no clock was measured
  mixed,  ///< the measured one, the rated one in the cells where no clock was measured
  best,   ///< the fastest point of the map: no peak is known
};

struct HeatCell {
  std::optional<Verdict> verdict;  ///< nothing: the point was not measured
  std::optional<double> fraction;  ///< positive; only of a point whose answer is right and that is not above theory
};

/// A usable point of a map and its figure.
struct MapPoint {
  SweepPoint at;
  double fraction = 0;
  std::size_t index = 0;  ///< into the results
};

/// The results of one name that agree in all other params.
struct HeatMap {
  std::string name;
  Texts params;  ///< the others
  Basis basis = Basis::best;
  std::vector<int> ilp;              ///< of the columns, ascending
  std::vector<int> warps_per_sm;     ///< of the rows, ascending
  std::vector<HeatCell> cells;       ///< row by row
  std::vector<std::size_t> results;  ///< the points, as indexes into the results that the map was made from
  std::optional<MapPoint> best;      ///< the highest fraction; noisy points do not count, nor in saturated
  /// The fewest warps x ILP in flight that reach the best but for 1 %.
  std::optional<MapPoint> saturated;

  [[nodiscard]] const HeatCell& cell(std::size_t row, std::size_t column) const {
    return cells[row * ilp.size() + column];
  }
};

/// One map for each (name, other params) among the results that are points of a sweep, in the order of their first.
/// Where two results are the same point, the first counts, unless the second has no figure to show.
[[nodiscard]] std::vector<HeatMap> heat_maps(std::span<const Result> results);

/// Whether the figures of such a result may be shown: it was measured, its answer is right, and it is not above theory.
[[nodiscard]] bool showable(Verdict verdict);

/// "fp32_fma/data:random".
[[nodiscard]] std::string map_name(const HeatMap& map);
/// What the figures are: "E_issue in %: …".
[[nodiscard]] std::string basis_text(const HeatMap& map);
/// Where the pipe saturates, in one sentence.
[[nodiscard]] std::string saturation_text(const HeatMap& map);
/// A cell in at most 5 characters: "98.5", "98.5~" where noisy, "WRONG", "ERROR", ">PEAK", "skip", "-" where not
/// measured.
[[nodiscard]] std::string cell_text(const HeatCell& cell);
/// A cell as two block characters that get darker in steps of 20 %: "▓▓"; two spaces where there is no figure.
[[nodiscard]] std::string_view shade_text(const HeatCell& cell);
/// What the marks in this map mean, in one sentence; empty where there are none.
[[nodiscard]] std::string marks_text(const HeatMap& map);

}  // namespace peakproof::reports
