// The rate of each SM from the traces of the blocks that ran on it: a slow SM or GPC shows.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "kernels/probe/block_trace.hpp"
#include "reports/result.hpp"

namespace peakproof::bench {

/// Operations per clock of each SM: the work of its blocks over the cycles from the first one's begin to the last one's
/// end. Blocks that wrote no trace are left out. Pure.
[[nodiscard]] reports::UnitMap sm_rates(const std::vector<kernels::BlockTrace>& traces, double operations_per_block);

/// The blocks of each SM, where they do not lie evenly on all of them: then the figure is that of another number of warps
/// than was asked for. Nothing where they do. Pure.
[[nodiscard]] std::optional<reports::UnitMap> uneven_blocks(const std::vector<kernels::BlockTrace>& traces,
                                                            int sm_count);

/// Both: what each SM did a clock, in the work's own unit ("bytes_per_clk" of "B/s", else "operations_per_clk"), and the
/// blocks where they lie unevenly. Pure.
[[nodiscard]] std::vector<reports::UnitMap> sm_maps(const std::vector<kernels::BlockTrace>& traces,
                                                    double work_per_block, int sm_count,
                                                    std::string_view unit = "OP/s");

}  // namespace peakproof::bench
