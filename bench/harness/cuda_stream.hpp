// The STREAM patterns on an NVIDIA GPU, as cases.
#pragma once

#include "bench/harness/cuda_device.hpp"
#include "bench/harness/registry.hpp"

namespace peakproof::bench {

/// read, write, copy, scale, add, triad and dot by our kernels, and beside them the library's memcpy (device to device)
/// and memset.
void add_cuda_stream(Registry& registry, CudaDevice& device);
/// Read and copy over working sets from 16 KiB to most of the memory (to --size, where it is given): the whole hierarchy
/// as one curve. A point is a DRAM figure from 64 x L2 on.
void add_cuda_working_sets(Registry& registry, CudaDevice& device);

}  // namespace peakproof::bench
