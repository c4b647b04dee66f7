// Rate of the texture units, and read bandwidth by that way.
//
//   idea     every SM is full of blocks that fetch the texels of one small set round and round, which the L1 holds (it
//            is the texture cache too): a row of 32 texels for each warp, 4 fetches in flight for each thread.
//            Coordinates are not normalised and lie at the centres of texels, where a filtered fetch gives the texel
//            itself, exactly: both fractions are 0 (CUDA C++ Programming Guide, Texture Fetching, Linear Filtering)
//   work     trips x 4 texels a thread
//   machine  the loop is 4 fetches, the additions of their words and the step to the next rows
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop texture_read<LinearFetch,float4>  TLD=4 TEX=0 LDG=0
//            other<0.95
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop texture_read<LinearFetch,float>  TLD=4 TEX=0 LDG=0
//            other<0.95
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop texture_read<PlaneFetch,float4>  TEX=4 TLD=0 LDG=0
//            other<0.95
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop texture_read<PlaneFetch,float>  TEX=4 TLD=0 LDG=0
//            other<0.95
//   limit    none in the table: NVIDIA documents 4 texture units an SM, and no rate for each format
//   answer   each thread: the sum, modulo 2^32, of the bits of all floats that it fetched. Trip k of block b fetches
//            rows (16 x b + 16 x k) mod rows and the 15 after it, of which warp w has rows w, w + 4, w + 8 and w + 12,
//            and each lane one column
#include "kernels/memory/texture_read.hpp"
#include "kernels/probe/device_clock.cuh"

namespace peakproof::kernels {
namespace {

constexpr int kWarps = TextureRead::threads / TextureRead::width;

__device__ std::uint32_t bits(float texel) { return __float_as_uint(texel); }
__device__ std::uint32_t bits(float4 texel) { return bits(texel.x) + bits(texel.y) + bits(texel.z) + bits(texel.w); }

}  // namespace

struct LinearFetch {
  using Coordinate = int;
  template <class Texel>
  __device__ static Texel at(cudaTextureObject_t texture, int column, int row) {
    return tex1Dfetch<Texel>(texture, row * TextureRead::width + column);
  }
};
/// Nearest or filtered, as the texture says.
struct PlaneFetch {
  using Coordinate = float;
  template <class Texel>
  __device__ static Texel at(cudaTextureObject_t texture, float column, float row) {
    constexpr float centre = 0.5F;
    return tex2D<Texel>(texture, column + centre, row + centre);
  }
};

/// The step is a parameter, so that no compiler knows what the next trip fetches.
template <class Way, class Texel>
__global__ void __launch_bounds__(TextureRead::threads)
    texture_read(cudaTextureObject_t texture, int rows, int step, int trips, std::uint32_t* out, BlockTrace* trace) {
  using Coordinate = typename Way::Coordinate;
  const auto column = static_cast<Coordinate>(threadIdx.x % TextureRead::width);
  const auto warp = static_cast<Coordinate>(threadIdx.x / TextureRead::width);
  const auto height = static_cast<Coordinate>(rows);
  const auto on = static_cast<Coordinate>(step);
  auto row = static_cast<Coordinate>(static_cast<int>(blockIdx.x) * step % rows);
  std::uint32_t sum = 0;
  const std::int64_t begin = clock64();
#pragma unroll 1
  for (int trip = 0; trip < trips; ++trip) {
    Texel texels[TextureRead::fetches];
#pragma unroll
    for (int i = 0; i < TextureRead::fetches; ++i)
      texels[i] = Way::template at<Texel>(texture, column, row + warp + static_cast<Coordinate>(i * kWarps));
    row += on;
    if (row >= height) row -= height;
#pragma unroll
    for (const Texel& texel : texels) sum += bits(texel);
  }
  const std::int64_t end = clock64();
  out[blockIdx.x * TextureRead::threads + threadIdx.x] = sum;
  if (threadIdx.x == 0) trace[blockIdx.x] = {begin, end, sm_id()};
}

namespace {

using Kernel = void (*)(cudaTextureObject_t, int, int, int, std::uint32_t*, BlockTrace*);

struct Way {
  const char* symbol;
  Kernel kernel;
};
Way way_of(const TextureRead& kernel) {
  const bool wide = kernel.texel_words == 4;
  if (kernel.fetch == Fetch::linear)
    return wide ? Way{"texture_read<LinearFetch, float4>", texture_read<LinearFetch, float4>}
                : Way{"texture_read<LinearFetch, float>", texture_read<LinearFetch, float>};
  return wide ? Way{"texture_read<PlaneFetch, float4>", texture_read<PlaneFetch, float4>}
              : Way{"texture_read<PlaneFetch, float>", texture_read<PlaneFetch, float>};
}

}  // namespace

const char* TextureRead::symbol() const { return way_of(*this).symbol; }

cudaError_t blocks_per_sm(const TextureRead& kernel, int* blocks) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, way_of(kernel).kernel, TextureRead::threads, 0);
}

cudaError_t launch(const TextureRead& kernel, cudaTextureObject_t texture, std::uint32_t* out, BlockTrace* trace,
                   cudaStream_t stream) {
  if (out == nullptr || trace == nullptr || kernel.blocks < 1 || kernel.trips < 1) return cudaErrorInvalidValue;
  const Kernel function = way_of(kernel).kernel;
  const cudaError_t status =
      cudaFuncSetAttribute(function, cudaFuncAttributePreferredSharedMemoryCarveout, cudaSharedmemCarveoutMaxL1);
  if (status != cudaSuccess) return status;
  function<<<static_cast<unsigned>(kernel.blocks), TextureRead::threads, 0, stream>>>(
      texture, kernel.rows(), TextureRead::step_rows, kernel.trips, out, trace);
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
