#include "bench/harness/sm_rates.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace peakproof::bench {

reports::UnitMap sm_rates(const std::vector<kernels::BlockTrace>& traces, double operations_per_block) {
  struct Span {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    int blocks = 0;
  };
  std::map<std::int64_t, Span> spans;
  for (const auto& trace : traces) {
    if (trace.smid < 0 || trace.end_clk <= trace.begin_clk) continue;
    const auto [at, first] = spans.try_emplace(trace.smid, Span{trace.begin_clk, trace.end_clk, 0});
    Span& span = at->second;
    span.begin = std::min(span.begin, trace.begin_clk);
    span.end = std::max(span.end, trace.end_clk);
    ++span.blocks;
  }
  reports::UnitMap map{.quantity = "operations_per_clk"};
  for (const auto& [smid, span] : spans) {
    map.unit.push_back(static_cast<int>(smid));
    map.value.push_back(span.blocks * operations_per_block / static_cast<double>(span.end - span.begin));
  }
  return map;
}

std::optional<reports::UnitMap> uneven_blocks(const std::vector<kernels::BlockTrace>& traces, int sm_count) {
  std::map<std::int64_t, int> blocks;
  for (const auto& trace : traces)
    if (trace.smid >= 0) ++blocks[trace.smid];
  const bool even =
      static_cast<int>(blocks.size()) == sm_count &&
      std::all_of(blocks.begin(), blocks.end(), [&](const auto& one) { return one.second == blocks.begin()->second; });
  if (even || blocks.empty()) return std::nullopt;
  reports::UnitMap map{.quantity = "blocks"};
  for (const auto& [smid, count] : blocks) {
    map.unit.push_back(static_cast<int>(smid));
    map.value.push_back(count);
  }
  return map;
}

std::vector<reports::UnitMap> sm_maps(const std::vector<kernels::BlockTrace>& traces, double work_per_block,
                                      int sm_count, std::string_view unit) {
  std::vector maps{sm_rates(traces, work_per_block)};
  if (unit == "B/s") maps.front().quantity = "bytes_per_clk";
  if (auto blocks = uneven_blocks(traces, sm_count)) maps.push_back(std::move(*blocks));
  return maps;
}

}  // namespace peakproof::bench
