// The points of a sweep over one quantity as curves: the rate over the working set (the cache hierarchy), over the bytes in
// flight, over the share of writes, over the stride; a latency over the working set; a network's items a second over the
// batch size. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/little.hpp"
#include "reports/result.hpp"

namespace peakproof::reports {

/// What a curve is over.
struct CurveAxis {
  std::string_view sweep;  ///< the value of the param "sweep": "size"
  std::string_view param;  ///< the param that holds the place on the axis: "bytes"
  std::string_view label;  ///< "working set"
  std::string_view title;  ///< "over the working set"
  bool bytes = false;      ///< places are bytes, and powers of two
  bool counts = false;     ///< places are mere numbers; where neither holds, percents
  bool powers = false;     ///< of two: drawn by their logarithm, as bytes are
  std::string_view apart;  ///< a param whose values get a plot each; empty: none
  [[nodiscard]] bool logarithmic() const { return bytes || powers; }
};
[[nodiscard]] std::span<const CurveAxis> curve_axes();

/// Where a result stands on which axis; nothing where it is no point of a curve (the place is no whole number from 0 to
/// 2^50).
struct CurvePlace {
  const CurveAxis* axis = nullptr;
  std::int64_t x = 0;
};
[[nodiscard]] std::optional<CurvePlace> curve_place(const Texts& params);

struct CurvePoint {
  std::int64_t x = 0;
  std::optional<double> y;  ///< in the curve's unit; nothing where it cannot be believed
  Verdict verdict = Verdict::error;
  std::size_t result = 0;  ///< index into the results that the curve was made from
};

/// One line of a plot: the results that agree in all params but the place.
struct CurveLine {
  Texts params;                    ///< without "sweep" and the place
  std::vector<CurvePoint> points;  ///< ascending
};

/// One plot: a benchmark over one axis, rates and latencies apart.
struct Curve {
  std::string name;
  const CurveAxis* axis = nullptr;
  bool latency = false;
  std::string unit;  ///< of y: "B/s", "ns", "items/s"; "%" of a share from 0 to 1; empty: a mere number
  std::vector<CurveLine> lines;
  /// The lowest rated peak among the points that have one: no point may lie above it unless it is of another level.
  std::optional<theory::Peak> peak;
  std::optional<double> target;  ///< a y that is to be reached
};
[[nodiscard]] std::vector<Curve> curves(std::span<const Result> results);

/// "dram over the working set".
[[nodiscard]] std::string curve_name(const Curve& curve);
/// "pattern read"; "all" where nothing tells the lines apart.
[[nodiscard]] std::string line_name(const CurveLine& line);
/// A place on the axis: "64 KiB", "50 %", "256".
[[nodiscard]] std::string place_text(const CurveAxis& axis, std::int64_t x);
/// A y in the curve's unit: "4613 GB/s", "338.2 ns", "97.5 %".
[[nodiscard]] std::string y_text(const Curve& curve, double y);
/// A point's value; where there is none, why: "WRONG", "skip", …
[[nodiscard]] std::string value_text(const Curve& curve, const CurvePoint& point);
/// The curve as a table, a header and a row for each place.
[[nodiscard]] std::vector<std::vector<std::string>> curve_table(const Curve& curve);
/// What the lines say, a sentence each: highest and lowest point, and of the bytes in flight what Little's law makes of
/// them. `sm_count` is the device's.
[[nodiscard]] std::vector<std::string> curve_sentences(const Curve& curve, int sm_count);
/// The fit of one line of a curve over the bytes in flight; nothing of others.
[[nodiscard]] std::optional<LittleFit> little_fit(const Curve& curve, const CurveLine& line, int sm_count);

/// Whether a result is shown in a heat map or a curve, and so in no table of results.
[[nodiscard]] bool is_drawn(const Texts& params);

}  // namespace peakproof::reports
