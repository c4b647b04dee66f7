// Training on the host CPU: the rows of a batch in shares, which the cores work on side by side.
#pragma once

#include <memory>

#include "bench/harness/training.hpp"
#include "bench/harness/worker_pool.hpp"

namespace peakproof::bench {

/// How many rows of a batch are one share. It depends on the batch alone, so that sums are the same on any number of
/// cores.
[[nodiscard]] std::int64_t rows_of_share(std::int64_t batch);

/// The pool outlives the trainers.
[[nodiscard]] std::unique_ptr<Trainer> make_cpu_trainer(WorkerPool& pool, const TrainingOrder& order);

}  // namespace peakproof::bench
