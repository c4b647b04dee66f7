// How many FP16 FMA a second do the CPU's cores do, where they have an instruction for it?
#include "bench/harness/cpu_chain.hpp"
#include "kernels/cpu/chain.hpp"

namespace peakproof::bench {

void declare_fp16_fma_cpu(Registry& registry, CpuBackend& device) {
  add_cpu_chain<kernels::cpu::Fp16Fma>(registry, device, "fp16_fma", theory::Pipe::fp16x2_fma);
}

}  // namespace peakproof::bench
