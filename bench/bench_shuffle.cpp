// How many words a second do the lanes of the GPU exchange?
#include "bench/harness/cuda_chain.hpp"
#include "kernels/arithmetic/shuffle.hpp"

namespace peakproof::bench {

void declare_shuffle_cuda(Registry& registry, CudaDevice& device) {
  add_cuda_chain<kernels::Shuffle>(registry, device, {.name = "shuffle", .pipe = theory::Pipe::shuffle});
}

}  // namespace peakproof::bench
