// A program that does what the stand-in must notice: a kernel that it has no model of, memory that is not the device's,
// a launch that no device takes, a tensor map that the driver refuses. Prints one error name per line.
#include <cuda.h>
#include <cuda_runtime_api.h>

#include <cstdio>

namespace {

__global__ void unheard_of(int* out) { *out = 1; }
struct Pattern {
  int data = 0;
  unsigned long long seed = 0;
};
__global__ void fill_pattern(Pattern pattern, unsigned long long* data, long long words) {
  data[words - 1] = pattern.seed;
}

void say(const char* what, cudaError_t error) { std::printf("%s %s\n", what, cudaGetErrorName(error)); }

cudaError_t entry_point(const char* name, void** function, cudaDriverEntryPointQueryResult* outcome) {
#if CUDART_VERSION >= 12050
  return cudaGetDriverEntryPointByVersion(name, function, 12000, cudaEnableDefault, outcome);
#else
  return cudaGetDriverEntryPoint(name, function, cudaEnableDefault, outcome);
#endif
}

/// A map of 64 rows of 256 BF16, in boxes of 64 columns.
struct Map {
  char* address;
  cuuint64_t row_bytes = 512;
  cuuint32_t box_columns = 64;
  cuuint32_t box_rows = 32;
  cuuint64_t columns = 256;

  cudaError_t encode() const {
    void* function = nullptr;
    cudaDriverEntryPointQueryResult outcome{};
    if (entry_point("cuTensorMapEncodeTiled", &function, &outcome) != cudaSuccess) return cudaErrorUnknown;
    CUtensorMap map;
    const cuuint64_t extents[] = {columns, 64};
    const cuuint32_t box[] = {box_columns, box_rows};
    const cuuint32_t steps[] = {1, 1};
    const auto encode_tiled = reinterpret_cast<decltype(&cuTensorMapEncodeTiled)>(function);
    return static_cast<cudaError_t>(encode_tiled(&map, CU_TENSOR_MAP_DATA_TYPE_BFLOAT16, 2, address, extents,
                                                 &row_bytes, box, steps, CU_TENSOR_MAP_INTERLEAVE_NONE,
                                                 CU_TENSOR_MAP_SWIZZLE_128B, CU_TENSOR_MAP_L2_PROMOTION_NONE,
                                                 CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE));
  }
};

void say_maps(char* memory) {
  say("map", Map{memory}.encode());
  say("map_address", Map{memory + 8}.encode());
  say("map_stride", Map{memory, 520}.encode());
  say("map_overlap", Map{memory, 496}.encode());
  say("map_wider_than_swizzle", Map{memory, 512, 128}.encode());
  say("map_box_bytes", Map{memory, 512, 63}.encode());
  say("map_box_rows", Map{memory, 512, 64, 257}.encode());
  say("map_no_box", Map{memory, 512, 64, 0}.encode());
  say("map_no_columns", Map{memory, 512, 64, 32, 0}.encode());
  void* function = nullptr;
  cudaDriverEntryPointQueryResult outcome{};
  say("no_such_function", entry_point("cuUnheardOf", &function, &outcome));
  std::printf("found %d\n", outcome == cudaDriverEntryPointSuccess || function != nullptr ? 1 : 0);
}

}  // namespace

int main() {
  void* memory = nullptr;
  say("malloc", cudaMalloc(&memory, 1 << 20));
  unheard_of<<<1, 32>>>(static_cast<int*>(memory));
  say("unknown_kernel", cudaGetLastError());
  say("cleared", cudaGetLastError());
  auto* words = static_cast<unsigned long long*>(memory);
  fill_pattern<<<1, 2048>>>(Pattern{}, words, 1);
  say("too_many_threads", cudaGetLastError());
  fill_pattern<<<1, 256, 1 << 20>>>(Pattern{}, words, 1);
  say("too_much_shared_memory", cudaGetLastError());
  say_maps(static_cast<char*>(memory));
  int attribute = 0;
  say("unknown_attribute", cudaDeviceGetAttribute(&attribute, cudaDevAttrCanMapHostMemory, 0));
  say("cleared", cudaGetLastError());
  say("free_twice", cudaFree(memory));
  say("free_twice", cudaFree(memory));
  unsigned long long host = 0;
  fill_pattern<<<1, 256>>>(Pattern{}, &host, 1);
  say("host_memory", cudaDeviceSynchronize());
  say("sticky", cudaGetLastError());
  say("sticky", cudaGetLastError());
  return 0;
}
