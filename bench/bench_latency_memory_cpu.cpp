// How long does a load of the CPU take, from each level of the memory hierarchy?
#include "bench/harness/cpu_chase.hpp"

namespace peakproof::bench {

void declare_latency_memory_cpu(Registry& registry, CpuBackend& device) {
  add_cpu_chases(registry, device, "latency_memory");
}

}  // namespace peakproof::bench
