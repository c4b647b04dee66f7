#include "kernels/cpu/cycle_chain.hpp"

namespace peakproof::kernels::cpu {

static_assert(CycleChain::cycles_per_trip == 128, "the assembly below repeats 128 times");

std::uint64_t CycleChain::run() const {
  std::uint64_t sum = 0;
  std::uint64_t one = 1;
  for (std::int64_t trip = 0; trip < trips; ++trip) {
#if defined(__x86_64__)
    asm volatile(".rept 128\n\tadd %[one], %[sum]\n\t.endr" : [sum] "+r"(sum) : [one] "r"(one) : "cc");
#elif defined(__aarch64__)
    asm volatile(".rept 128\n\tadd %[sum], %[sum], %[one]\n\t.endr" : [sum] "+r"(sum) : [one] "r"(one));
#else
    sum += static_cast<std::uint64_t>(cycles_per_trip) * one;
#endif
  }
  return sum;
}

}  // namespace peakproof::kernels::cpu
