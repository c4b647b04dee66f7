// Latencies of instructions and of loads that others have published, for comparison beside a measured one in a report. They are figures
// of single cards and tool chains, not limits: no verdict may come from them.
#pragma once

#include <span>
#include <string_view>

#include "theory/device_spec.hpp"

namespace peakproof::theory {

/// The latency of one instruction on one architecture: SM cycles from issue to the issue of an instruction that needs
/// the result, as a chain of dependent instructions shows it.
struct PublishedLatency {
  ComputeCapability compute_capability;
  /// The name of the pipe where one instruction stands for it ("fp32_fma", "int32_add", "dp4a", "shuffle",
  /// "convert_pack"); special functions by function: "sfu_ex2", "sfu_lg2", "sfu_rcp", "sfu_rsqrt", "sfu_sin",
  /// "sfu_tanh". Loads by where they hit: "load_shared", "load_l1", "load_l2" (of an L2 in two partitions the near one),
  /// "load_l2_far", "load_dram".
  std::string_view instruction;
  double cycles = 0;
  std::string_view source;
  std::string_view doubt;  ///< why the figure may not be comparable; empty where nothing speaks against it
};

/// All rows, sorted by compute capability and instruction.
[[nodiscard]] std::span<const PublishedLatency> published_latencies();

/// The row of exactly this compute capability and instruction, or nothing. Never a row of another compute capability.
[[nodiscard]] const PublishedLatency* find_latency(ComputeCapability cc, std::string_view instruction);

}  // namespace peakproof::theory
