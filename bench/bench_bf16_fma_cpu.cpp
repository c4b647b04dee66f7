// How many BF16 products a second do the CPU's cores sum up, where they have an instruction for it?
#include "bench/harness/cpu_chain.hpp"
#include "kernels/cpu/chain.hpp"

namespace peakproof::bench {

void declare_bf16_fma_cpu(Registry& registry, CpuBackend& device) {
  add_cpu_chain<kernels::cpu::Bf16Fma>(registry, device, "bf16_fma", theory::Pipe::bf16x2_fma);
}

}  // namespace peakproof::bench
