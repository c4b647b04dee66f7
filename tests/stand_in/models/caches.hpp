// The played memory hierarchy: how large its levels are, how fast, and how far away.
#pragma once

#include <cstdint>

#include "tests/stand_in/settings.hpp"

namespace peakproof::stand_in {

struct Caches {
  std::int64_t l1_bytes = 0;
  double l1_bytes_per_clk = 0;  ///< of an SM
  double l2_bytes_per_clk = 0;  ///< of the whole device
  bool two_partitions = false;  ///< of the L2

  [[nodiscard]] static std::int64_t l2_bytes() {
    return (settings().l2_real_mib != 0 ? settings().l2_real_mib : settings().l2_mib) << 20U;
  }
};

/// Sizes: CUDA C++ Programming Guide, technical specifications. L1: 128 bytes a clock, but 64 where measurements of
/// loads have no more (7.5, 8.6, 8.9). L2: 5120 bytes a clock on an A100 (its white paper), else 38 for each SM.
inline Caches caches() {
  constexpr std::int64_t kibi = 1024;
  const int cc = 10 * settings().cc_major + settings().cc_minor;
  const double l2 = cc == 80 ? 5120 : 38.0 * settings().sms;
  switch (cc) {
    case 75:
      return {64 * kibi, 64, l2, false};
    case 80:
      return {164 * kibi, 128, l2, true};
    case 86:
    case 89:
      return {128 * kibi, 64, l2, false};
    case 120:
      return {128 * kibi, 128, l2, false};
    default:
      return {228 * kibi, 128, l2, true};
  }
}

/// Cycles of a load.
inline constexpr double kSharedCycles = 29;
inline constexpr double kConstantCycles = 27;
inline constexpr double kL1Cycles = 33;
inline constexpr double kTextureCycles = 88;
inline constexpr double kNearCycles = 260;
inline constexpr double kFarCycles = 420;
inline constexpr double kMemoryCycles = 680;
inline constexpr double kPageWalkCycles = 400;
inline constexpr std::int64_t kReachBytes = std::int64_t{96} << 20U;  ///< of what translates addresses
inline constexpr std::int64_t kLine = 128;

/// Which lines are in the other partition of the L2 than an SM: every second of both.
inline double l2_cycles(std::int64_t line, std::int64_t sm) {
  return caches().two_partitions && (line + sm) % 2 != 0 ? kFarCycles : kNearCycles;
}

}  // namespace peakproof::stand_in
