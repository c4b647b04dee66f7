// How fast do copies go between the host and the GPU, and what does the smallest one cost?
#include <cstdint>

#include "bench/harness/cuda_pcie.hpp"

namespace peakproof::bench {
namespace {

void declare_sweep(Registry& registry, CudaDevice& device) {
  constexpr std::int64_t kSmallest = 4 << 10;
  constexpr std::int64_t kLargest = 1 << 30;
  constexpr std::int64_t kStep = 4;
  for (const auto direction : {Direction::to_device, Direction::to_host})
    for (std::int64_t bytes = kSmallest; bytes <= kLargest && bytes <= pcie_room(device); bytes *= kStep)
      add_pcie_copy(registry, device, direction, HostMemory::pinned, bytes, true);
}

}  // namespace

void declare_pcie_cuda(Registry& registry, CudaDevice& device) {
  if (registry.options().sweep) {
    if (registry.options().sweeps("size")) declare_sweep(registry, device);
    return;
  }
  const std::int64_t bytes = pcie_buffer_bytes(registry, device);
  for (const auto direction : {Direction::to_device, Direction::to_host, Direction::both})
    add_pcie_copy(registry, device, direction, HostMemory::pinned, bytes);
  for (const auto direction : {Direction::to_device, Direction::to_host})
    add_pcie_copy(registry, device, direction, HostMemory::pageable, bytes);
  for (const auto direction : {Direction::to_device, Direction::to_host}) add_pcie_latency(registry, device, direction);
}

}  // namespace peakproof::bench
