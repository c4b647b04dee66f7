// Read bandwidth with a chosen number of bytes in flight: by Little's law a curve over it has the latency of the memory
// in its slope and the bandwidth in its height.
//
//   idea     an SM holds one block at a time, so that nothing is left to how blocks are laid out; of up to 16 for each
//            SM the next one goes where one has ended, so that no SM keeps the others waiting. Each thread asks for
//            `loads` x 16 bytes, waits for all of them, adds them up, and only then knows where to read next: the step
//            to the next address holds the sum of all that was read, masked by an argument that is 0, which no compiler
//            knows. So there are never more than loads x 16 bytes of a thread under way, and no trip is prepared by the
//            one before
//   work     trips x loads x 16 bytes a thread; a trip of all blocks is one contiguous range
//   machine  one trip of the loop is the loads, all before the first use of any (a test reads that from the machine
//            code), 64-bit additions and the step, whose mask is the two LOP3. Between the last arrival and the next
//            load lie some 40 clocks (predicted: a dozen dependent instructions) of about 1000, in which a warp has
//            nothing in flight: the curve rises by so much less than the ideal one
//   sass     sm_75  loop in_flight<1>  LDG.E.128.SYS=1 LDG=1 LOP3=2 LD=0 STG=0 LDS=0 other<0.85
//   sass     sm_75  loop in_flight<2>  LDG.E.128.SYS=2 LDG=2 LOP3=2 LD=0 STG=0 LDS=0 other<0.85
//   sass     sm_75  loop in_flight<4>  LDG.E.128.SYS=4 LDG=4 LOP3=2 LD=0 STG=0 LDS=0 other<0.85
//   sass     sm_75  loop in_flight<8>  LDG.E.128.SYS=8 LDG=8 LOP3=2 LD=0 STG=0 LDS=0 other<0.85
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop in_flight<1> LDG.E.128=1 LDG=1 LOP3=2 LD=0 STG=0 LDS=0
//            other<0.85
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop in_flight<2> LDG.E.128=2 LDG=2 LOP3=2 LD=0 STG=0 LDS=0
//            other<0.85
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop in_flight<4> LDG.E.128=4 LDG=4 LOP3=2 LD=0 STG=0 LDS=0
//            other<0.85
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop in_flight<8> LDG.E.128=8 LDG=8 LOP3=2 LD=0 STG=0 LDS=0
//            other<0.85
//   limit    Pipe::dram, and the latency of the memory where little is in flight
//   answer   each warp: the sum modulo 2^64 of all 64-bit words that it read
#include "kernels/memory/in_flight.hpp"
#include "kernels/memory/stream.cuh"
#include "kernels/probe/device_clock.cuh"

namespace peakproof::kernels {
namespace {

constexpr int kMostThreads = 1024;

using Vector = streaming::Vector<std::uint64_t>;

/// The sum over a warp, in its first lane.
__device__ std::uint64_t warp_sum(std::uint64_t mine) {
  constexpr unsigned all = 0xFFFFFFFF;
#pragma unroll
  for (int distance = Flight::lanes / 2; distance > 0; distance /= 2) mine += __shfl_down_sync(all, mine, distance);
  return mine;
}

}  // namespace

/// `zero` is 0, and what chains the trips together.
template <int loads>
__global__ void __launch_bounds__(kMostThreads, 1)
    in_flight(const Vector* data, int trips, std::uint64_t zero, unsigned long long* sums, BlockTrace* trace) {
  const auto threads = static_cast<int>(blockDim.x);
  const std::int64_t step = std::int64_t{gridDim.x} * threads * loads;
  const Vector* at = data + std::int64_t{blockIdx.x} * threads * loads + threadIdx.x;
  std::uint64_t sum = 0;
  const std::int64_t begin = clock64();
#pragma unroll 1
  for (int trip = 0; trip < trips; ++trip) {
    Vector vectors[loads];
    streaming::load(at, threads, vectors);
#pragma unroll
    for (const Vector& vector : vectors) sum += vector.first + vector.second;
    at += step + static_cast<std::int64_t>(sum & zero);
  }
  const std::int64_t end = clock64();
  const std::uint64_t of_warp = warp_sum(sum);
  const unsigned warp = (blockIdx.x * blockDim.x + threadIdx.x) / Flight::lanes;
  if (threadIdx.x % Flight::lanes == 0) sums[warp] = of_warp;
  if (threadIdx.x == 0) trace[blockIdx.x] = {begin, end, sm_id()};
}

namespace {

using Kernel = void (*)(const Vector*, int, std::uint64_t, unsigned long long*, BlockTrace*);

/// Null where there is no such kernel.
Kernel function_of(const Flight& flight) {
  if (flight.warps < 1 || flight.threads() > kMostThreads) return nullptr;
  switch (flight.loads) {
    case 1:
      return in_flight<1>;
    case 2:
      return in_flight<2>;
    case 4:
      return in_flight<4>;
    case 8:
      return in_flight<8>;
    default:
      return nullptr;
  }
}

cudaError_t blocks_of_sm(const InFlight& kernel, int* blocks) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, function_of(kernel.flight), kernel.flight.threads(),
                                                       static_cast<std::size_t>(kernel.shared_bytes));
}

}  // namespace

cudaError_t one_block_per_sm(InFlight& kernel) {
  const Kernel function = function_of(kernel.flight);
  if (function == nullptr) return cudaErrorInvalidValue;
  int device = 0;
  int most = 0;  // shared memory of a block, which is that of an SM but for what the system keeps of each block
  int blocks = 0;
  kernel.shared_bytes = 0;
  cudaError_t status = cudaGetDevice(&device);
  if (status == cudaSuccess) status = cudaDeviceGetAttribute(&most, cudaDevAttrMaxSharedMemoryPerBlockOptin, device);
  if (status == cudaSuccess) status = blocks_of_sm(kernel, &blocks);
  if (status == cudaSuccess && blocks > 1) {
    kernel.shared_bytes = most / 2 + 16;
    status = cudaFuncSetAttribute(function, cudaFuncAttributeMaxDynamicSharedMemorySize, kernel.shared_bytes);
    if (status == cudaSuccess) status = blocks_of_sm(kernel, &blocks);
  }
  if (status == cudaSuccess && blocks != 1) return cudaErrorInvalidConfiguration;
  return status;
}

cudaError_t launch(const InFlight& kernel, const void* data, unsigned long long* sums, BlockTrace* trace,
                   cudaStream_t stream) {
  const Kernel function = function_of(kernel.flight);
  if (function == nullptr || data == nullptr || sums == nullptr || trace == nullptr || kernel.blocks < 1 ||
      kernel.trips < 1 || kernel.shared_bytes < 0)
    return cudaErrorInvalidValue;
  function<<<static_cast<unsigned>(kernel.blocks), static_cast<unsigned>(kernel.flight.threads()),
             static_cast<std::size_t>(kernel.shared_bytes), stream>>>(static_cast<const Vector*>(data), kernel.trips, 0,
                                                                      sums, trace);
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
