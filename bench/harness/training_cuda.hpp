// Training on a GPU: data, parameters and velocity lie in its memory, and a step is a row of launches.
#pragma once

#include <memory>

#include "bench/harness/cuda_device.hpp"
#include "bench/harness/training.hpp"

namespace peakproof::bench {

/// The device outlives the trainers. Throws MeasurementError where memory is short.
[[nodiscard]] std::unique_ptr<Trainer> make_cuda_trainer(CudaDevice& device, const TrainingOrder& order);

}  // namespace peakproof::bench
