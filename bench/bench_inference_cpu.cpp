// How fast do small networks run on the CPU's cores by oneDNN, and what does each precision cost in quality?
#include "bench/harness/cpu_backend.hpp"
#include "bench/harness/cpu_inference.hpp"

namespace peakproof::bench {

void declare_inference_cpu(Registry& registry, CpuBackend& device) {
  add_inference(registry, cpu_inference_engine(device.pool()));
}

}  // namespace peakproof::bench
