// How many 32-bit integer additions a second does the GPU do?
#include "bench/harness/cuda_chain.hpp"
#include "kernels/arithmetic/int32_add.hpp"

namespace peakproof::bench {

void declare_int32_add_cuda(Registry& registry, CudaDevice& device) {
  const ChainCase what{
      .name = "int32_add",
      .pipe = theory::Pipe::int32_add,
      .floor = reports::Floor{.issue = 0.9,
                              .source = "published: 95 % on an RTX 5070 Ti (122.1 of 128 results a clock and SM)"}};
  constexpr int kTwoAddendsFaster = 12;  // an RTX 5090 measures 63.3 a clock and SM with three
  if (device.spec().compute_capability.major == kTwoAddendsFaster)
    return add_cuda_chain<kernels::Int32AddTwo>(registry, device, what);
  add_cuda_chain<kernels::Int32Add>(registry, device, what);
}

}  // namespace peakproof::bench
