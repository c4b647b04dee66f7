// The ladder: what each way of reaching the tensor cores gives, for each data type, beside the peak that theory gives for
// them. Pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/result.hpp"

namespace peakproof::reports {

/// The ways, by the names of their benchmarks: instructions from the most convenient to the fastest, then whole products.
inline constexpr std::array<std::string_view, 6> kWays = {"wmma",      "mma",        "wgmma",
                                                          "wmma_gemm", "wgmma_gemm", "cublas_gemm"};

struct Rung {
  std::size_t result = 0;          ///< index into the report's results: the fastest of this type and way
  std::optional<double> fraction;  ///< of the tensor pipe's peak at the result's measured clock (or the rated one)
};

struct LadderRow {
  std::string type;                                     ///< "fp16", "fp16 2:4"
  std::string unit;                                     ///< "FLOP/s"
  std::optional<theory::Peak> peak;                     ///< of the tensor pipe, rated: not that of mma.sync's ceiling
  std::array<std::optional<Rung>, kWays.size()> rungs;  ///< by way
};

/// One row for each type (and sparsity) that more than one way has measured, in the order of their first results. Bursts,
/// plateaus, points of a sweep and what cannot be believed (wrong, above theory, failed, noisy) are no rungs.
[[nodiscard]] std::vector<LadderRow> ladder(const Report& report);

/// The table as text, a header and the rows; empty where there is no row. A cell is "650.1 66.2%": the rate in the row's
/// unit and its share of the peak.
[[nodiscard]] std::vector<std::vector<std::string>> ladder_table(const Report& report);
/// How to read it.
inline constexpr std::string_view kLadderLegend =
    "Each way to the tensor cores, in tera-operations a second, and what that is of the tensor peak at the measured "
    "clock. wmma, mma and wgmma keep their operands on the SM; the GEMMs read them from memory. Settled, not burst.";

}  // namespace peakproof::reports
