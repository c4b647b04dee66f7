// Copies in several directions at once, between two moments of the stream that is timed.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "bench/harness/cuda.hpp"

namespace peakproof::bench {

/// Each lane is a stream with copies one after the other. They begin when the timed stream has come to them, and it goes
/// on when all of them have ended. A lane that uses the timed stream itself needs no waiting.
class CopyLanes {
 public:
  using Copy = std::function<void(cudaStream_t)>;
  /// `timed` is a stream of the current GPU.
  explicit CopyLanes(cudaStream_t timed) : timed_(timed), begin_(make_event()) {}
  /// A lane on the timed stream.
  void add(Copy copy) { lanes_.push_back({.stream = timed_, .copy = std::move(copy)}); }
  /// A lane on a stream of its own, of this GPU.
  void add(int gpu, Copy copy);
  /// Puts `times` copies into every lane.
  void run(std::int64_t times) const;

 private:
  struct Lane {
    int gpu = -1;  ///< -1: the timed stream's
    Stream own;
    Event end;
    cudaStream_t stream = nullptr;
    Copy copy;
  };
  cudaStream_t timed_;
  Event begin_;
  std::vector<Lane> lanes_;
};

}  // namespace peakproof::bench
