// The points of a sweep as a grid: where a pipe saturates (over ILP and warps per SM), which shape of a matrix product
// is best (over n and m). Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/result.hpp"

namespace peakproof::reports {

/// What a map is over: the params of its columns and rows.
enum class Grid {
  chains,  ///< "ilp" (independent chains per thread) and "warps_per_sm"
  shapes,  ///< "n" and "m", where "sweep" is "shapes"
};
/// The columns as a report calls them: "ILP", "n"; and the rows: "warps per SM", "m".
[[nodiscard]] std::string_view column_label(Grid grid);
[[nodiscard]] std::string_view row_label(Grid grid);

/// Where a result stands in a map.
struct SweepPoint {
  Grid grid = Grid::chains;
  int column = 0;
  int row = 0;
  /// Of chains, those that one SM has in flight, each a warp wide; of shapes, the elements of the product.
  [[nodiscard]] std::int64_t size() const { return std::int64_t{column} * row; }
  friend bool operator==(const SweepPoint&, const SweepPoint&) = default;
};
/// Nothing unless both params are whole numbers, from 1 to 1024 of chains and to 2^20 of shapes: then the result stands
/// in no map.
[[nodiscard]] std::optional<SweepPoint> sweep_point(const Texts& params);
/// Whether the result is a point of any sweep, with a map or (such as one over a single param) without: its params name
/// the "sweep", or are those of a map.
[[nodiscard]] bool is_sweep(const Texts& params);

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
  double achieved_per_s = 0;
  std::size_t index = 0;  ///< into the results
};

/// The results of one name and grid that agree in all other params.
struct HeatMap {
  std::string name;
  Texts params;  ///< the others, without "sweep"
  Grid grid = Grid::chains;
  std::string unit;
  Basis basis = Basis::best;
  std::vector<int> columns;           ///< ascending
  std::vector<int> rows;              ///< ascending
  std::vector<HeatCell> cells;        ///< row by row
  std::vector<std::size_t> results;   ///< the points, as indexes into the results that the map was made from
  int left_out = 0;                   ///< points beyond the 1024 lowest columns or rows, which no page could show
  std::optional<MapPoint> best;       ///< the highest fraction; noisy points do not count, nor in the next two
  std::optional<MapPoint> saturated;  ///< the smallest (SweepPoint::size) that reaches the best but for 1 %
  std::optional<MapPoint> fastest;    ///< the highest rate: under a power cap not always the best

  [[nodiscard]] const HeatCell& cell(std::size_t row, std::size_t column) const {
    return cells[row * columns.size() + column];
  }
  /// The point that a map marks: where the pipe saturates, or the best shape.
  [[nodiscard]] const std::optional<MapPoint>& marked() const { return grid == Grid::chains ? saturated : best; }
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
/// A place in a map: "8 warps per SM x ILP 4", "m 8448, n 8192".
[[nodiscard]] std::string place_text(const SweepPoint& at);
/// Where the pipe saturates, or which shape is best, in one sentence.
[[nodiscard]] std::string saturation_text(const HeatMap& map);
/// One sentence for each matrix product of which there are maps of several k: the fastest shape of each k, and which k
/// is the fastest of all.
[[nodiscard]] std::vector<std::string> best_k_texts(std::span<const HeatMap> maps);
/// A cell in at most 5 characters: "98.5", "98.5~" where noisy, "WRONG", "ERROR", ">PEAK", "skip", "-" where not
/// measured.
[[nodiscard]] std::string cell_text(const HeatCell& cell);
/// A cell as two block characters that get darker in steps of 20 %: "▓▓"; two spaces where there is no figure.
[[nodiscard]] std::string_view shade_text(const HeatCell& cell);
/// What the marks in this map mean, in one sentence; empty where there are none.
[[nodiscard]] std::string marks_text(const HeatMap& map);

}  // namespace peakproof::reports
