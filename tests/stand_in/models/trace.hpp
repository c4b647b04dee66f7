// What kernels of one wave of equal blocks leave behind besides their answer: where each block ran, and the flaws of a
// word for each thread.
#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/probe/block_trace.hpp"
#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"

namespace peakproof::stand_in {

/// Blocks go to the SMs in turn, and all of them take the whole time.
inline void write_trace(const Launch& launch, kernels::BlockTrace* trace) {
  const auto begin = std::llround(launch.interval.begin_cycles);
  const auto end = std::llround(launch.interval.cycles_at(launch.interval.end_ps));
  for (std::int64_t block = 0; block < launch.blocks(); ++block)
    trace[block] = {.begin_clk = begin, .end_clk = end, .smid = block % settings().sms};
  written(trace);
}

/// `wrong` and `nan` of one word among `count`.
inline void spoil(Flaw flaw, std::uint32_t* words, std::int64_t count) {
  if (flaw == Flaw::wrong) words[count / 2] ^= 1U;
  if (flaw == Flaw::nan) words[count / 2] = ~std::uint32_t{0};
}

}  // namespace peakproof::stand_in
