// How many FP64 FMA a second do the CPU's cores do?
#include "bench/harness/cpu_chain.hpp"
#include "kernels/cpu/chain.hpp"

namespace peakproof::bench {

void declare_fp64_fma_cpu(Registry& registry, CpuBackend& device) {
  add_cpu_chain<kernels::cpu::Fp64Fma>(
      registry, device, "fp64_fma", theory::Pipe::fp64_fma,
      reports::Floor{.issue = 0.90,
                     .source = "PeakProof's own: FMA chains in registers leave the SIMD units no reason to idle"});
}

}  // namespace peakproof::bench
