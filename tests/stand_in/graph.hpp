// Graphs: the launches that a stream recorded, one after the other.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>
#include <vector>

#include "tests/stand_in/launch.hpp"

namespace peakproof::stand_in {

class Graph {
 public:
  /// A kernel with copies of its arguments. Its model must say how many bytes they have.
  cudaError_t add(const void* host_function, const Launch& launch, std::size_t shared_bytes);
  cudaError_t run(cudaStream_t stream) const;

 private:
  struct Node {
    const void* host_function = nullptr;
    dim3 grid;
    dim3 block;
    std::size_t shared_bytes = 0;
    std::vector<std::vector<std::byte>> arguments;
  };
  std::vector<Node> nodes_;
};

/// Gives the graph a handle.
[[nodiscard]] cudaGraph_t keep(std::unique_ptr<Graph> graph);

}  // namespace peakproof::stand_in
