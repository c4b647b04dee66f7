// How many INT32 additions a second do the CPU's cores do?
#include "bench/harness/cpu_chain.hpp"
#include "kernels/cpu/chain.hpp"

namespace peakproof::bench {

void declare_int32_add_cpu(Registry& registry, CpuBackend& device) {
  add_cpu_chain<kernels::cpu::Int32Add>(registry, device, "int32_add", theory::Pipe::int32_add);
}

}  // namespace peakproof::bench
