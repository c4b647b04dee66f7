// What the latency of each memory level is measured with: one thread that follows a ring of pointers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/harness/cuda_device.hpp"
#include "bench/harness/registry.hpp"
#include "kernels/memory/pointer_chase.hpp"

namespace peakproof::bench {

struct ChaseCase {
  reports::Texts params;
  kernels::ChasePath path = kernels::ChasePath::all_levels;
  kernels::Ring ring;        ///< of the paths through global memory and textures; the others have their own
  std::string published_as;  ///< its name in theory/latencies.hpp; may be empty
  std::string remark;
};
/// Declares the chase as a case of latency_memory.
void add_cuda_chase(Registry& registry, CudaDevice& device, const ChaseCase& what);

/// The same few words of one line from every SM in turn: which SMs are near to its partition of the L2.
void add_cuda_chase_by_sm(Registry& registry, CudaDevice& device);

/// Lines of as many bytes, each a node. Throws nothing: a ring has at least one.
[[nodiscard]] kernels::Ring ring_of_lines(std::int64_t bytes);

/// The sizes of a curve, two an octave: `first`, 1.5 x first, 2 x first, … up to `last`. Pure.
[[nodiscard]] std::vector<std::int64_t> swept_sizes(std::int64_t first, std::int64_t last);

}  // namespace peakproof::bench
