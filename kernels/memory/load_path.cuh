// Which caches a load from global memory goes through.
#pragma once

namespace peakproof::kernels {

/// A plain load: every level may keep what it brings.
struct AllLevels {
  template <class Value>
  __device__ static Value load(const Value* address) {
    return *address;
  }
};
/// A load with .cg: the L2 keeps what it brings, the L1 does not.
struct SecondLevel {
  template <class Value>
  __device__ static Value load(const Value* address) {
    return __ldcg(address);
  }
};

}  // namespace peakproof::kernels
