// Latency of the CPU's caches and memory: a walk of one thread.
//
//   idea     every line of the working set holds the address of the next, in one random cycle through all of them: a load
//            must wait for the one before it, and no prefetcher can guess where it goes. A cycle returns to a line only
//            after all the others, so that a cache which is too small for them, and forgets what was used longest ago,
//            never hits
//   work     steps: loads, one after the other, each of another line
//   machine  32 loads per trip, each into the register that its address came from, and the loop counter beside them
//            (tests/cpu/machine_code_test.py). No arithmetic on the address: it is used as it was loaded, which is the
//            fastest way that a core has
//   limit    no pipe: seconds / steps, in cycles with the clock measured around it. Beyond what the address translation
//            covers it holds page walks too: huge pages show how much
//   answer   the line at which the walk ends, against a walk through the order itself, which was made before (Sattolo,
//            Information Processing Letters 22, 1986: a shuffle that gives one cycle, each with the same chance)
#include "kernels/cpu/pointer_chase.hpp"

#include <numeric>
#include <stdexcept>
#include <utility>

#include "kernels/cpu/pattern.hpp"

namespace peakproof::kernels::cpu {

std::vector<std::uint32_t> PointerChase::order(std::int64_t lines, std::uint64_t seed) {
  if (lines < 2 || lines > (std::int64_t{1} << 32)) {
    throw std::invalid_argument("cpu pointer_chase: a walk needs 2 lines to 2^32");
  }
  std::vector<std::uint32_t> next(static_cast<std::size_t>(lines));
  std::iota(next.begin(), next.end(), 0U);
  const Pattern random{.seed = seed};
  // The other one is below i and never i itself, which is what leaves one cycle. The remainder is not quite fair, by less
  // than 2^32 / 2^64.
  for (std::size_t i = next.size() - 1; i > 0; --i) std::swap(next[i], next[random.word(i) % i]);
  return next;
}

void PointerChase::link(std::span<const std::uint32_t> order, std::span<ChaseLine> lines) {
  if (order.size() != lines.size()) throw std::invalid_argument("cpu pointer_chase: as many lines as the order has");
  for (std::size_t i = 0; i < lines.size(); ++i) lines[i].next = &lines[order[i]];
}

const ChaseLine* PointerChase::walk(const ChaseLine* line) const {
  for (std::int64_t trip = 0; trip < trips; ++trip) {
#pragma GCC unroll 32
    for (int step = 0; step < steps_per_trip; ++step) line = line->next;
  }
  return line;
}

std::uint32_t PointerChase::answer(std::span<const std::uint32_t> order, std::uint32_t from, std::int64_t steps) {
  for (steps %= static_cast<std::int64_t>(order.size()); steps > 0; --steps) from = order[from];
  return from;
}

}  // namespace peakproof::kernels::cpu
