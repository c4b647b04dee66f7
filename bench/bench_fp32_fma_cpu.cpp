// How many FP32 FMA a second do the CPU's cores do?
#include "bench/harness/cpu_chain.hpp"
#include "kernels/cpu/chain.hpp"

namespace peakproof::bench {

void declare_fp32_fma_cpu(Registry& registry, CpuBackend& device) {
  add_cpu_chain<kernels::cpu::Fp32Fma>(
      registry, device, "fp32_fma", theory::Pipe::fp32_fma,
      reports::Floor{.issue = 0.90,
                     .source = "PeakProof's own: FMA chains in registers leave the SIMD units no reason to idle"});
}

}  // namespace peakproof::bench
