// A stream of independent multiplications at the known rate of a core: what shows that a core is shared.
//
//   idea     the clock chain (cycle_chain.hpp) waits for each result and hardly uses a core: a second hardware thread
//            beside it, of this machine or of a neighbour of this virtual one, goes unseen. A stream that fills the
//            multiply units needs twice the cycles then
//   machine  12 chains of `mulps`, 10 rounds per trip, at two a cycle: 60 cycles per trip and the loop counter beside
//            them. Every x86-64 core with AVX2 and FMA does two 128-bit multiplications a cycle with a latency of 3 to 5
//            cycles (uops.info, "MULPS (XMM, XMM)"; Agner Fog, instruction tables), and 12 in flight cover that
//   limit    nothing of the kind on Arm: the rates differ from core to core, and server cores have one hardware thread
#pragma once

#include <cstdint>

namespace peakproof::kernels::cpu {

struct MultiplyStream {
#if defined(__x86_64__)
  static constexpr bool available = true;
#else
  static constexpr bool available = false;
#endif
  static constexpr std::int64_t cycles_per_trip = 60;  ///< where nobody shares the core

  std::int64_t trips = 1;
  [[nodiscard]] std::int64_t cycles() const { return trips * cycles_per_trip; }
  /// Runs on the calling thread. Does nothing where it is not available.
  void run() const;
};

}  // namespace peakproof::kernels::cpu
