// How fast does the GPU train a small network, and how long until it knows the handwritten digits?
#include "bench/harness/training_cuda.hpp"

namespace peakproof::bench {

void declare_training_cuda(Registry& registry, CudaDevice& device) {
  add_training(registry, {.build = [&device](const TrainingOrder& order) { return make_cuda_trainer(device, order); },
                          .kernel = "mlp_forward",
                          .other_kernels = {"mlp_backward", "mlp_update"}});
}

}  // namespace peakproof::bench
