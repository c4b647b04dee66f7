// How fast do copies go from one GPU to another? Of every pair, or with --device of the pairs of that GPU.
#include <string>

#include "bench/harness/cuda_p2p.hpp"

namespace peakproof::bench {

void declare_p2p_cuda(Registry& registry, CudaDevice& device) {
  if (registry.options().sweep) return;  // there is none
  const auto gpus = visible_gpus();
  if (gpus.size() < 2)
    return registry.skip("p2p", "one GPU is visible: a copy from one to another needs two (see CUDA_VISIBLE_DEVICES)");
  const bool all = registry.options().device.empty();
  const auto wanted = [&](const GpuName& gpu) { return all || gpu.index == device.gpu().index; };
  for (const GpuName& from : gpus)
    for (const GpuName& to : gpus)
      if (from.index != to.index && (wanted(from) || wanted(to))) add_p2p_copy(registry, device, from, to, false);
  for (const GpuName& one : gpus)
    for (const GpuName& other : gpus)
      if (one.index < other.index && (wanted(one) || wanted(other))) add_p2p_copy(registry, device, one, other, true);
}

}  // namespace peakproof::bench
