// How fast does every core of the CPU read from its first-level data cache?
#include "bench/harness/cpu_stream.hpp"

namespace peakproof::bench {

void declare_l1_cpu(Registry& registry, CpuBackend& device) { add_cpu_cache(registry, device, 1, theory::Pipe::l1); }

}  // namespace peakproof::bench
