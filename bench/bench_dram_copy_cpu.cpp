// How fast do the CPU's cores copy in main memory?
#include "bench/harness/cpu_copy.hpp"

namespace peakproof::bench {

void declare_dram_copy_cpu(Registry& registry, CpuBackend& device) { add_cpu_copy(registry, device, "dram_copy"); }

}  // namespace peakproof::bench
