// How fast do networks run on this GPU, by the libraries that people run them with, and what does precision cost?
#include "bench/harness/cuda_network.hpp"

namespace peakproof::bench {

void declare_inference_cuda(Registry& registry, CudaDevice& device) { add_inference(registry, cuda_inference(device)); }

}  // namespace peakproof::bench
