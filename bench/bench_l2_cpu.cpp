// How fast does every core of the CPU read from its second-level cache?
#include "bench/harness/cpu_stream.hpp"

namespace peakproof::bench {

void declare_l2_cpu(Registry& registry, CpuBackend& device) { add_cpu_cache(registry, device, 2, theory::Pipe::l2); }

}  // namespace peakproof::bench
