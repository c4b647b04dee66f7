// How fast do the CPU's cores train a small network, and how long until it knows the handwritten digits?
#include "bench/harness/cpu_backend.hpp"
#include "bench/harness/training_cpu.hpp"
#include "kernels/network/sgemm.hpp"

namespace peakproof::bench {

void declare_training_cpu(Registry& registry, CpuBackend& device) {
  add_training(registry, {.lacks = kernels::sgemm_lacks(), .build = [&device](const TrainingOrder& order) {
                            return make_cpu_trainer(device.pool(), order);
                          }});
}

}  // namespace peakproof::bench
