// What launching costs, as cases: each is a shape in which empty kernels (or nothing) are put into a stream.
#pragma once

#include "bench/harness/cuda_device.hpp"
#include "bench/harness/registry.hpp"

namespace peakproof::bench {

/// The host's time for an asynchronous launch, while the queue has room.
void add_enqueue(Registry& registry, CudaDevice& device);
/// The host's time for a launch and cudaStreamSynchronize.
void add_launch_sync(Registry& registry, CudaDevice& device);
/// The device's time from one empty kernel to the next, in a queue that the host has filled beforehand.
void add_back_to_back(Registry& registry, CudaDevice& device);
/// The same of the nodes of a graph that is one chain.
void add_graph_node(Registry& registry, CudaDevice& device);
/// The host's time for cudaGraphLaunch of a graph of one node.
void add_graph_launch(Registry& registry, CudaDevice& device);
/// The device's time between two events with nothing in between.
void add_event_pair(Registry& registry, CudaDevice& device);
/// By %globaltimer: from the begin of one of the smallest kernels to that of the next.
void add_empty_kernel(Registry& registry, CudaDevice& device);

}  // namespace peakproof::bench
