// How many INT32 multiply-adds a second do the CPU's cores do?
#include "bench/harness/cpu_chain.hpp"
#include "kernels/cpu/chain.hpp"

namespace peakproof::bench {

void declare_int32_mad_cpu(Registry& registry, CpuBackend& device) {
  add_cpu_chain<kernels::cpu::Int32Mad>(registry, device, "int32_mad", theory::Pipe::int32_mad);
}

}  // namespace peakproof::bench
