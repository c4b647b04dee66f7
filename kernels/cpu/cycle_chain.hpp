// A chain of instructions of known length: what the core clock is measured with.
//
//   idea     every instruction needs the result of the one before it and takes exactly one cycle, so that
//            cycles / elapsed time is the clock at which this core really ran: no counter, no privilege, also in a
//            virtual machine
//   machine  128 `add reg, reg` per trip, and a loop counter that runs beside them. ADD of two registers has a latency
//            of one cycle on every x86-64 core from Nehalem and Zen on (uops.info, "ADD (R64, R64)"; Agner Fog,
//            instruction tables) and on Arm Cortex-A and Neoverse cores (Arm, software optimization guides,
//            "arithmetic, basic"). Two registers and no immediate: Golden Cove and later add small immediates at
//            rename, in no time. No rotate, which takes two cycles on some; no multiply, whose latency differs more
//   limit    the loop's one mispredicted exit, about 20 cycles in 10^5
#pragma once

#include <cstdint>

namespace peakproof::kernels::cpu {

struct CycleChain {
#if defined(__x86_64__) || defined(__aarch64__)
  static constexpr bool available = true;
#else
  static constexpr bool available = false;  ///< no instruction with a known latency here: the clock stays unknown
#endif
  static constexpr std::int64_t cycles_per_trip = 128;

  std::int64_t trips = 1;
  [[nodiscard]] std::int64_t cycles() const { return trips * cycles_per_trip; }
  /// Runs on the calling thread; returns the chain's sum, trips x 128.
  std::uint64_t run() const;
};

}  // namespace peakproof::kernels::cpu
