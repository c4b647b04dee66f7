#include "bench/harness/run_id.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <random>

namespace peakproof::bench {

std::string new_run_id() {
  std::random_device entropy;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto milliseconds =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  constexpr std::uint32_t kVersion = 0x7000;
  constexpr std::uint32_t kVariant = 0x8000;
  const std::uint64_t node = (std::uint64_t{entropy()} << 32U | entropy()) & 0xffffffffffffU;
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", milliseconds >> 16U & 0xffffffffU, milliseconds & 0xffffU,
                     kVersion | (entropy() & 0xfffU), kVariant | (entropy() & 0x3fffU), node);
}

}  // namespace peakproof::bench
