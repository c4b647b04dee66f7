#include "bench/harness/sm_rates.hpp"

#include <algorithm>
#include <map>

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

}  // namespace peakproof::bench
