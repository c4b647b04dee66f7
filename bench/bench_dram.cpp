// How fast does the GPU read, write and combine what lies in its device memory? The STREAM patterns, and the library's own
// copy and fill, TMA bulk copies, and accesses far apart. Sweeps go over the size of the working set, which draws the whole
// hierarchy, over the share of writes, the bytes in flight and the stride.
#include "bench/harness/cuda_stream.hpp"
#include "bench/harness/cuda_traffic.hpp"

namespace peakproof::bench {

void declare_dram_cuda(Registry& registry, CudaDevice& device) {
  if (!registry.options().sweep) add_cuda_stream(registry, device);
  if (registry.options().sweeps("size")) add_cuda_working_sets(registry, device);
  add_cuda_traffic(registry, device);
}

}  // namespace peakproof::bench
