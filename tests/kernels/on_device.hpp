// What tests on a real device share (with on_device_main.cpp): memory and errors.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <vector>

namespace peakproof::on_device {

inline void check(cudaError_t status) {
  if (status != cudaSuccess) throw std::runtime_error(cudaGetErrorString(status));
}
inline void synchronize() { check(cudaDeviceSynchronize()); }

struct CudaFree {
  void operator()(void* pointer) const { static_cast<void>(cudaFree(pointer)); }
};

/// Device memory, every byte 0xff at first: NaN as a float, and no value that a kernel is expected to leave.
template <typename Value>
struct Buffer {
  std::size_t count;
  std::unique_ptr<Value, CudaFree> memory;

  explicit Buffer(std::size_t elements) : count(elements) {
    void* pointer = nullptr;
    check(cudaMalloc(&pointer, count * sizeof(Value)));
    memory.reset(static_cast<Value*>(pointer));
    fill_bytes(0xff);
  }
  [[nodiscard]] Value* get() const { return memory.get(); }
  void fill_bytes(int byte) { check(cudaMemset(get(), byte, count * sizeof(Value))); }
  [[nodiscard]] std::vector<Value> host() const {
    std::vector<Value> values(count);
    check(cudaMemcpy(values.data(), get(), count * sizeof(Value), cudaMemcpyDeviceToHost));
    return values;
  }
  void set(std::size_t index, const Value& value) {
    check(cudaMemcpy(get() + index, &value, sizeof(Value), cudaMemcpyHostToDevice));
  }
};

inline int attribute(cudaDeviceAttr which) {
  int device = 0;
  int value = 0;
  check(cudaGetDevice(&device));
  check(cudaDeviceGetAttribute(&value, which, device));
  return value;
}
inline int sm_count() { return attribute(cudaDevAttrMultiProcessorCount); }
/// 10 x major + minor.
inline int compute_capability() {
  return 10 * attribute(cudaDevAttrComputeCapabilityMajor) + attribute(cudaDevAttrComputeCapabilityMinor);
}

}  // namespace peakproof::on_device
