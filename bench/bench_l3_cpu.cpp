// How fast do the cores of the CPU read from the cache that they share?
#include "bench/harness/cpu_stream.hpp"

namespace peakproof::bench {

void declare_l3_cpu(Registry& registry, CpuBackend& device) { add_cpu_cache(registry, device, 3, std::nullopt); }

}  // namespace peakproof::bench
