// The kernels of a step of training on the host, by their own source: every thread of a block is a thread of the process,
// and blocks run one after the other in memory of the host. With mlp_gpu_test's expectations it shows which number goes
// where, and that what is shared is waited for; what a real device makes of it is for mlp_gpu_test to show on one.
#include <cuda_runtime_api.h>

#include <barrier>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

namespace {
std::barrier<>* block_barrier = nullptr;
}

// NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier): the names are CUDA's
thread_local uint3 threadIdx;
thread_local uint3 blockIdx;
void __syncthreads() { block_barrier->arrive_and_wait(); }
// NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier)

// One block at a time: what is its own may be the process's.
#undef __shared__
#define __shared__ static
#undef __launch_bounds__
#define __launch_bounds__(threads)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
#include "kernels/network/mlp_loss.cuh"
#include "kernels/network/mlp_training.cuh"
#pragma GCC diagnostic pop

namespace {

template <class Kernel, class Arguments>
cudaError_t run(Kernel kernel, const Arguments& arguments, unsigned columns, unsigned rows, unsigned threads) {
  std::barrier barrier(static_cast<std::ptrdiff_t>(threads));
  block_barrier = &barrier;
  std::vector<std::jthread> all;
  for (unsigned thread = 0; thread < threads; ++thread)
    all.emplace_back([&, thread] {
      threadIdx = {thread, 0, 0};
      for (unsigned block = 0; block < columns * rows; ++block) {
        blockIdx = {block % columns, block / columns, 0};
        kernel(arguments);
        barrier.arrive_and_wait();
      }
    });
  return cudaSuccess;
}

unsigned blocks(int extent) { return static_cast<unsigned>((extent + 15) / 16); }

}  // namespace

namespace peakproof::kernels {

cudaError_t launch(const MlpForward& layer, cudaStream_t /*stream*/) {
  if (layer.y == nullptr || layer.out < 1) return cudaErrorInvalidValue;
  return run(mlp_forward, layer, blocks(layer.out), blocks(layer.rows), kThreads);
}
cudaError_t launch(const MlpLoss& loss, cudaStream_t /*stream*/) {
  return loss.order == nullptr ? cudaErrorInvalidValue : run(mlp_loss, loss, 1, 1, kLossThreads);
}
cudaError_t launch(const MlpBackward& layer, cudaStream_t /*stream*/) {
  if (layer.dx == nullptr) return cudaErrorInvalidValue;
  return run(mlp_backward, layer, blocks(layer.in), blocks(layer.rows), kThreads);
}
cudaError_t launch(const MlpUpdate& layer, cudaStream_t /*stream*/) {
  if (layer.weights == nullptr) return cudaErrorInvalidValue;
  return run(mlp_update, layer, blocks(layer.in), blocks(layer.out), kThreads);
}

}  // namespace peakproof::kernels

// The runtime's memory, as far as the test asks for it.
extern "C" {
cudaError_t cudaMalloc(void** memory, size_t bytes) {
  *memory = std::malloc(bytes);
  return *memory == nullptr ? cudaErrorMemoryAllocation : cudaSuccess;
}
cudaError_t cudaFree(void* memory) {
  std::free(memory);
  return cudaSuccess;
}
cudaError_t cudaMemset(void* memory, int byte, size_t bytes) {
  std::memset(memory, byte, bytes);
  return cudaSuccess;
}
cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind /*kind*/) {
  std::memcpy(to, from, bytes);
  return cudaSuccess;
}
cudaError_t cudaDeviceSynchronize() { return cudaSuccess; }
cudaError_t cudaGetDevice(int* device) {
  *device = 0;
  return cudaSuccess;
}
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr /*attribute*/, int /*device*/) {
  *value = 0;
  return cudaSuccess;
}
const char* cudaGetErrorString(cudaError_t /*error*/) { return "an error of the emulation"; }
}
