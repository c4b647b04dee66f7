// Latency of the CPU's caches and memory: a walk of one thread. The kernel and its data sheet are in pointer_chase.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace peakproof::kernels::cpu {

/// One cache line, which names the next of the walk.
struct alignas(64) ChaseLine {
  const ChaseLine* next = nullptr;
};

struct PointerChase {
  static constexpr const char* symbol = "cpu_pointer_chase";
  static constexpr std::int64_t line_bytes = sizeof(ChaseLine);
  static constexpr std::int64_t steps_per_trip = 32;

  std::int64_t trips = 1;
  [[nodiscard]] std::int64_t steps() const { return trips * steps_per_trip; }

  /// For each of `lines` lines the number of the next one: one cycle through all of them, any such cycle as likely as
  /// any other. Throws std::invalid_argument for fewer than 2 and for more than 2^32.
  [[nodiscard]] static std::vector<std::uint32_t> order(std::int64_t lines, std::uint64_t seed);
  /// Writes that order into as many lines.
  static void link(std::span<const std::uint32_t> order, std::span<ChaseLine> lines);
  /// Walks `steps()` steps on the calling thread; returns the line that it ends at.
  [[nodiscard]] const ChaseLine* walk(const ChaseLine* from) const;
  /// The number of the line at which so many steps from line `from` end, walked through the order and not through memory.
  [[nodiscard]] static std::uint32_t answer(std::span<const std::uint32_t> order, std::uint32_t from,
                                            std::int64_t steps);
};

}  // namespace peakproof::kernels::cpu
