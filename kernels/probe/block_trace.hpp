// Where and when a block ran: written by a kernel's first thread, read by the host to find a slow SM.
#pragma once

#include <cstdint>

namespace peakproof::kernels {

struct BlockTrace {
  std::int64_t begin_clk = 0;  ///< clock64 of its SM at the start of the loop
  std::int64_t end_clk = 0;    ///< and at its end
  std::int64_t smid = -1;      ///< %smid; -1: never written
};

}  // namespace peakproof::kernels
