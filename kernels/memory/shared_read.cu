// Shared-memory read bandwidth, and what bank conflicts leave of it.
//
//   idea     every warp reads its block's 16 KiB again and again, 4 KiB a trip: 16 bytes a lane, the lanes beside each
//            other, so that every eight of them use all 32 banks; or 4 bytes a lane, `ways` words apart, so that as many
//            lanes meet in a bank. A thread asks for at least 4 vectors before it waits, and threads fill the SM. What is
//            read goes into four sums; the place of the next trip comes from the one before, and the loads are volatile,
//            so that none is left out, moved or joined with another
//   work     128 bytes a thread and trip, which shared memory delivers at 4 bytes a bank and clock
//   machine  one trip of the loop is 8 loads of 16 bytes (32 of 4) and 16 additions of three terms, which have room: a load
//            of 16 bytes takes shared memory 4 clocks, in which an SM issues 16 instructions; one of 4 bytes 1 clock
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop shared_read_128  LDS.128=8 LDS=8 STS=0 other<0.8
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop shared_read_32  LDS=32 LDS.64=0 LDS.128=0 STS=0
//            other<0.5
//   limit    Pipe::shared; with conflicts its 1 / ways, as each word of a bank takes a clock
//   answer   every thread's sums, folded. A word is a hash of its place, and no two trips in a row read the same
#include "kernels/memory/occupancy.hpp"
#include "kernels/memory/shared_access.cuh"
#include "kernels/memory/shared_read.hpp"

namespace peakproof::kernels {
namespace {

/// One trip of 4-byte loads, the lanes `ways` words apart. The loads fill the gaps between them, then go on behind.
template <int ways>
__device__ __forceinline__ void read_words(std::uint32_t section, uint4& sums) {
  constexpr int loads = SharedTile::lane_words;
  section += threadIdx.x % SharedTile::lanes * (4 * ways);
  std::uint32_t read[loads];
#pragma unroll
  for (int i = 0; i < loads; ++i) read[i] = load_4(section + 4 * (i / ways * ways * SharedTile::lanes + i % ways));
#pragma unroll
  for (int i = 0; i < loads; i += 8) {
    sums.x += read[i] + read[i + 4];
    sums.y += read[i + 1] + read[i + 5];
    sums.z += read[i + 2] + read[i + 6];
    sums.w += read[i + 3] + read[i + 7];
  }
}

}  // namespace

__global__ void __launch_bounds__(SharedRead::threads)
    shared_read_128(int trips, std::uint32_t* out, BlockTrace* trace) {
  __shared__ alignas(16) std::uint32_t tile[SharedTile::words];
  fill_tile(tile, 0);
  read_tile(shared_address(tile), trips, out, trace,
            [](std::uint32_t section, uint4& sums) { read_vectors(load_16, section, sums); });
}
template <int ways>
__global__ void __launch_bounds__(SharedRead::threads)
    shared_read_32(int trips, std::uint32_t* out, BlockTrace* trace) {
  __shared__ alignas(16) std::uint32_t tile[SharedTile::words];
  fill_tile(tile, 0);
  read_tile(shared_address(tile), trips, out, trace,
            [](std::uint32_t section, uint4& sums) { read_words<ways>(section, sums); });
}

namespace {

using Kernel = void (*)(int, std::uint32_t*, BlockTrace*);
Kernel kernel_of(int ways) {
  switch (ways) {
    case 0:
      return shared_read_128;
    case 1:
      return shared_read_32<1>;
    case 2:
      return shared_read_32<2>;
    case 4:
      return shared_read_32<4>;
    case 8:
      return shared_read_32<8>;
    case 16:
      return shared_read_32<16>;
    case 32:
      return shared_read_32<32>;
    default:
      return nullptr;
  }
}

}  // namespace

cudaError_t blocks_per_sm(const SharedRead& kernel, int* blocks) {
  return fill_sm(reinterpret_cast<const void*>(kernel_of(kernel.ways)), SharedRead::threads, blocks);
}

cudaError_t launch(const SharedRead& kernel, std::uint32_t* out, BlockTrace* trace, cudaStream_t stream) {
  const Kernel function = kernel_of(kernel.ways);
  if (function == nullptr || kernel.blocks < 1 || kernel.trips < 1) return cudaErrorInvalidValue;
  function<<<static_cast<unsigned>(kernel.blocks), SharedRead::threads, 0, stream>>>(kernel.trips, out, trace);
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
