#include "tests/stand_in/models/on_chip.hpp"

#include <cmath>

#include "kernels/probe/block_trace.hpp"
#include "tests/stand_in/memory.hpp"

namespace peakproof::stand_in {

cudaError_t leave_words(const Launch& launch, const std::vector<std::uint32_t>& words, std::uint32_t* out,
                        void* trace) {
  const std::int64_t threads = launch.blocks() * launch.block.x;
  out = elements(out, threads);
  if (!out) return cudaErrorIllegalAddress;
  for (std::int64_t i = 0; i < threads; ++i) out[i] = words[static_cast<std::size_t>(i) % words.size()];
  if (launch.flaw == Flaw::wrong) out[threads / 2] ^= 1U;
  if (launch.flaw == Flaw::nan) out[threads / 2] = ~0U;
  written(out);
  return leave_trace(launch, trace);
}

cudaError_t leave_trace(const Launch& launch, void* trace) {
  auto* blocks = elements(static_cast<kernels::BlockTrace*>(trace), launch.blocks());
  if (!blocks) return cudaErrorIllegalAddress;
  const auto begin = std::llround(launch.interval.begin_cycles);
  const auto end = std::llround(launch.interval.cycles_at(launch.interval.end_ps));
  for (std::int64_t block = 0; block < launch.blocks(); ++block)
    blocks[block] = {.begin_clk = begin, .end_clk = end, .smid = block % settings().sms};
  written(blocks);
  return cudaSuccess;
}

}  // namespace peakproof::stand_in
