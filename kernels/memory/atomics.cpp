#include "kernels/memory/atomics.hpp"

#include <bit>
#include <cstddef>

namespace peakproof::kernels {
namespace {

/// As memory holds it.
std::uint64_t bits(AtomicType type, std::uint64_t sum) {
  if (type == AtomicType::int64) return sum;
  const auto low = static_cast<std::uint32_t>(sum);
  return type == AtomicType::fp32 ? std::bit_cast<std::uint32_t>(static_cast<float>(low)) : low;
}

}  // namespace

std::string Atomics::symbol() const {
  if (memory == AtomicMemory::shared) return used ? "shared_atomics" : "shared_reductions";
  if (used) return "global_atomics";
  switch (type) {
    case AtomicType::int32:
      return "global_reductions<Int32Cell>";
    case AtomicType::int64:
      return "global_reductions<Int64Cell>";
    case AtomicType::fp32:
      return "global_reductions<Fp32Cell>";
  }
  return "";
}

std::vector<std::uint64_t> sums(const Atomics& kernel) {
  const auto all = static_cast<std::uint32_t>(kernel.blocks * Atomics::threads);
  const auto times = std::uint64_t{Atomics::steps} * static_cast<std::uint64_t>(kernel.trips);
  std::vector<std::uint64_t> sums(static_cast<std::size_t>(kernel.cells()));
  for (std::uint32_t thread = 0; thread < all; ++thread)
    sums[thread * sums.size() / all] += times * Atomics::addend(kernel.type, thread);
  for (std::uint64_t& sum : sums) sum = bits(kernel.type, sum);
  return sums;
}

std::uint32_t sum_of_results(const Atomics& kernel, std::uint32_t thread) {
  const auto times = std::uint64_t{Atomics::steps} * static_cast<std::uint64_t>(kernel.trips);
  return static_cast<std::uint32_t>(times * (times - 1) / 2 * Atomics::addend(kernel.type, thread));
}

}  // namespace peakproof::kernels
