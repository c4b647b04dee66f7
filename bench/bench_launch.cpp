// What does it cost to launch a kernel, and to wait for it?
#include "bench/harness/cuda_launch.hpp"

namespace peakproof::bench {

void declare_launch_cuda(Registry& registry, CudaDevice& device) {
  add_enqueue(registry, device);
  add_launch_sync(registry, device);
  add_back_to_back(registry, device);
  add_graph_node(registry, device);
  add_graph_launch(registry, device);
  add_event_pair(registry, device);
  add_empty_kernel(registry, device);
}

}  // namespace peakproof::bench
