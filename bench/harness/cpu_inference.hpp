// Inference on the host CPU by oneDNN: each core has its share of the batch.
#pragma once

#include "bench/harness/inference.hpp"
#include "bench/harness/worker_pool.hpp"

namespace peakproof::bench {

/// The pool outlives what is built.
[[nodiscard]] InferenceEngine cpu_inference_engine(WorkerPool& pool);

}  // namespace peakproof::bench
