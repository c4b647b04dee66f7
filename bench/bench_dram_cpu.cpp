// How fast do the CPU's cores read, write and copy in main memory?
#include "bench/harness/cpu_stream.hpp"

namespace peakproof::bench {

void declare_dram_cpu(Registry& registry, CpuBackend& device) { add_cpu_memory(registry, device, "dram"); }

}  // namespace peakproof::bench
