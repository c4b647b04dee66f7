// How many 32-bit logic operations a second does the GPU do?
#include "bench/harness/cuda_chain.hpp"
#include "kernels/arithmetic/int32_logic.hpp"

namespace peakproof::bench {

void declare_int32_logic_cuda(Registry& registry, CudaDevice& device) {
  add_cuda_chain<kernels::Int32Logic>(
      registry, device,
      {.name = "int32_logic",
       .pipe = theory::Pipe::int32_logic,
       .floor = reports::Floor{.issue = 0.95,
                               .source = "published: 99 % on an RTX 5070 Ti (63.1 of 64 results a clock and SM)"}});
}

}  // namespace peakproof::bench
