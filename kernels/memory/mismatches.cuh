// Collects mismatches in a thread, and adds them to what all threads found.
#pragma once

#include "kernels/memory/mismatches.hpp"

namespace peakproof::kernels {

class ThreadMismatches {
 public:
  __device__ void compare(std::uint64_t index, std::uint64_t got, std::uint64_t expected) {
    if (got == expected) return;
    if (found_.count++ == 0) found_.not_first = ~index;  // a thread's indices go upwards
    found_.bits |= got ^ expected;
    found_.end = index + 1;
  }
  __device__ void add_to(Mismatches* all) const {
    if (found_.count == 0) return;
    atomicAdd(&all->count, found_.count);
    atomicOr(&all->bits, found_.bits);
    atomicMax(&all->not_first, found_.not_first);
    atomicMax(&all->end, found_.end);
  }

 private:
  Mismatches found_;
};

}  // namespace peakproof::kernels
