// A program that does what the stand-in must notice: a kernel that it has no model of, memory that is not the device's,
// a launch that no device takes. Prints one error name per line.
#include <cuda_runtime_api.h>

#include <cstdio>

namespace {

__global__ void unheard_of(int* out) { *out = 1; }
__global__ void dram_copy(const uint4* source, uint4* destination) { *destination = *source; }

void say(const char* what, cudaError_t error) { std::printf("%s %s\n", what, cudaGetErrorName(error)); }

}  // namespace

int main() {
  void* memory = nullptr;
  say("malloc", cudaMalloc(&memory, 1 << 20));
  unheard_of<<<1, 32>>>(static_cast<int*>(memory));
  say("unknown_kernel", cudaGetLastError());
  say("cleared", cudaGetLastError());
  dram_copy<<<1, 2048>>>(static_cast<uint4*>(memory), static_cast<uint4*>(memory));
  say("too_many_threads", cudaGetLastError());
  dram_copy<<<1, 256, 1 << 20>>>(static_cast<uint4*>(memory), static_cast<uint4*>(memory));
  say("too_much_shared_memory", cudaGetLastError());
  int attribute = 0;
  say("unknown_attribute", cudaDeviceGetAttribute(&attribute, cudaDevAttrCanMapHostMemory, 0));
  say("cleared", cudaGetLastError());
  say("free_twice", cudaFree(memory));
  say("free_twice", cudaFree(memory));
  uint4 host[2] = {};
  dram_copy<<<1, 256>>>(host, host + 1);
  say("host_memory", cudaDeviceSynchronize());
  say("sticky", cudaGetLastError());
  say("sticky", cudaGetLastError());
  return 0;
}
