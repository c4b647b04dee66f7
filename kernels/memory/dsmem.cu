// Distributed shared memory: how fast a block reads that of another block of its cluster, and how long one read takes.
//
//   idea     every block fills 16 KiB and reads those of the block of the next rank again and again, as shared_read_128
//            reads its own; so all blocks of a cluster read and are read at once. A block takes so much shared memory that
//            an SM holds one: what is read comes over the network between the SMs. For the latency one thread of a cluster
//            of two follows a ring of addresses through the other block's memory; a second kernel has half of the loop's
//            body, and the difference is that of half a body without the loop
//   work     128 bytes a thread and trip; of the chase, one step a load
//   machine  one trip of the loop is 8 loads of 16 bytes. They are LD, from the generic window: LDS reaches the own block
//            alone. The chase is loads of 8 bytes, each the next one's address
//   sass     sm_90a,sm_100a,sm_120a  loop dsmem_read  LD.E.128=8 LD=8 LDS=0 LDG=0 other<0.8
//   sass     sm_90a,sm_100a,sm_120a  loop dsmem_chase<128>  LD.E.64=128 LD=128 LDS=0 LDG=0 other<0.05
//   sass     sm_90a,sm_100a,sm_120a  loop dsmem_chase<64>  LD.E.64=64 LD=64 LDS=0 LDG=0 other<0.1
//   sass     sm_75,sm_80,sm_86,sm_89  absent dsmem_read
//   sass     sm_75,sm_80,sm_86,sm_89  absent dsmem_chase
//   limit    none is published
//   answer   every thread's sums, folded: a word is a hash of its block's rank and its place. Of the chase, where it ends
#include "kernels/memory/dsmem.hpp"
#include "kernels/memory/shared_access.cuh"
#include "kernels/tensor/cluster.cuh"

namespace peakproof::kernels {

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 900
#define PEAKPROOF_CLUSTER(blocks)  // architectures below 9.0 refuse the attribute and the instructions
#define PEAKPROOF_CLUSTERS 0
#else
#define PEAKPROOF_CLUSTER(blocks) __cluster_dims__(blocks, 1, 1)
#define PEAKPROOF_CLUSTERS 1
#endif

#if PEAKPROOF_CLUSTERS
namespace {

/// The same address in the shared memory of the block of that rank.
__device__ __forceinline__ std::uint32_t address_in(std::uint32_t rank, std::uint32_t address) {
  std::uint32_t mapped = 0;
  asm("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(mapped) : "r"(address), "r"(rank));
  return mapped;
}
/// The same as a generic address.
__device__ __forceinline__ std::uint64_t generic_address_in(std::uint32_t rank, const void* pointer) {
  std::uint64_t mapped = 0;
  asm("mapa.u64 %0, %1, %2;" : "=l"(mapped) : "l"(pointer), "r"(rank));
  return mapped;
}
__device__ __forceinline__ uint4 load_16_of_cluster(std::uint32_t address) {
  uint4 words{};
  asm volatile("ld.shared::cluster.v4.u32 {%0, %1, %2, %3}, [%4];"
               : "=r"(words.x), "=r"(words.y), "=r"(words.z), "=r"(words.w)
               : "r"(address)
               : "memory");
  return words;
}
__device__ __forceinline__ std::uint64_t next_of(std::uint64_t address) {
  std::uint64_t next = 0;
  asm volatile("ld.u64 %0, [%1];" : "=l"(next) : "l"(address) : "memory");
  return next;
}

}  // namespace
#endif

template <int blocks>
__global__ void PEAKPROOF_CLUSTER(blocks) __launch_bounds__(DsmemRead::threads, 1)
    dsmem_read(int trips, std::uint32_t* out, BlockTrace* trace) {
#if PEAKPROOF_CLUSTERS
  __shared__ alignas(16) std::uint32_t tile[SharedTile::words];
  const std::uint32_t rank = cluster::rank();
  fill_tile(tile, static_cast<int>(rank));
  cluster::synchronize();
  read_tile(address_in((rank + 1) % blocks, shared_address(tile)), trips, out, trace,
            [](std::uint32_t section, uint4& sums) { read_vectors(load_16_of_cluster, section, sums); });
  cluster::synchronize();  // nobody leaves while its memory is read
#else
  __trap();
#endif
}

/// The thread of lane 0 in the block of rank 0 goes through the other one's ring, which is made of that block's addresses.
template <int steps>
__global__ void PEAKPROOF_CLUSTER(DsmemChase::cluster) __launch_bounds__(DsmemChase::threads, 1)
    dsmem_chase(int trips, std::uint32_t* out, BlockTrace* trace) {
#if PEAKPROOF_CLUSTERS
  __shared__ alignas(8) std::uint64_t ring[DsmemChase::places];
  const std::uint32_t rank = cluster::rank();
  const std::uint64_t own = generic_address_in(rank, ring);
  for (auto i = static_cast<int>(threadIdx.x); i < DsmemChase::places; i += DsmemChase::threads)
    ring[i] = own + 8U * static_cast<unsigned>((i + DsmemChase::stride) % DsmemChase::places);
  cluster::synchronize();
  if (threadIdx.x == 0) {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    if (rank == 0) {
      const std::uint64_t first = generic_address_in(1, ring);
      std::uint64_t address = first;
      begin = clock64();
#pragma unroll 1  // the loop stays a loop: its body is the unit that the audit counts
      for (int trip = 0; trip < trips; ++trip) {
#pragma unroll
        for (int step = 0; step < steps; ++step) address = next_of(address);
      }
      end = clock64();  // the last load may be under way, which is the same in both kernels
      out[0] = static_cast<std::uint32_t>(address - first) / 8U;
    }
    trace[rank] = BlockTrace{begin, end, sm_id()};
  }
  __syncwarp();
  cluster::synchronize();
#else
  __trap();
#endif
}
#undef PEAKPROOF_CLUSTER
#undef PEAKPROOF_CLUSTERS

namespace {

using Kernel = void (*)(int, std::uint32_t*, BlockTrace*);
Kernel kernel_of(const DsmemRead& kernel) {
  switch (kernel.cluster) {
    case 2:
      return dsmem_read<2>;
    case 4:
      return dsmem_read<4>;
    case 8:
      return dsmem_read<8>;
    default:
      return nullptr;
  }
}
Kernel kernel_of(const DsmemChase& kernel) {
  switch (kernel.steps) {
    case DsmemChase::body:
      return dsmem_chase<DsmemChase::body>;
    case DsmemChase::body / 2:
      return dsmem_chase<DsmemChase::body / 2>;
    default:
      return nullptr;
  }
}

/// Half of what a block can have at most: with the tile, more than half of what an SM has, so that it holds one block.
cudaError_t bytes_for_an_sm(int* bytes) {
  int device = 0;
  cudaError_t status = cudaGetDevice(&device);
  if (status == cudaSuccess) status = cudaDeviceGetAttribute(bytes, cudaDevAttrMaxSharedMemoryPerBlockOptin, device);
  *bytes /= 2;
  return status;
}
cudaError_t allow(Kernel function, int bytes) {
  return cudaFuncSetAttribute(reinterpret_cast<const void*>(function), cudaFuncAttributeMaxDynamicSharedMemorySize,
                              bytes);
}

}  // namespace

cudaError_t clusters_at_once(const DsmemRead& kernel, int* clusters) {
  const Kernel function = kernel_of(kernel);
  if (function == nullptr) return cudaErrorInvalidValue;
  int bytes = 0;
  cudaError_t status = bytes_for_an_sm(&bytes);
  if (status == cudaSuccess) status = allow(function, bytes);
  if (status != cudaSuccess) return status;
  cudaLaunchAttribute attribute{};
  attribute.id = cudaLaunchAttributeClusterDimension;
  attribute.val.clusterDim = {static_cast<unsigned>(kernel.cluster), 1, 1};
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(static_cast<unsigned>(kernel.cluster));
  config.blockDim = dim3(DsmemRead::threads);
  config.dynamicSmemBytes = static_cast<std::size_t>(bytes);
  config.attrs = &attribute;
  config.numAttrs = 1;
  return cudaOccupancyMaxActiveClusters(clusters, function, &config);
}

cudaError_t launch(const DsmemRead& kernel, std::uint32_t* out, BlockTrace* trace, cudaStream_t stream) {
  const Kernel function = kernel_of(kernel);
  if (function == nullptr || kernel.blocks < 1 || kernel.blocks % kernel.cluster != 0 || kernel.trips < 1)
    return cudaErrorInvalidValue;
  int bytes = 0;
  const cudaError_t status = bytes_for_an_sm(&bytes);
  if (status != cudaSuccess) return status;
  function<<<static_cast<unsigned>(kernel.blocks), DsmemRead::threads, static_cast<std::size_t>(bytes), stream>>>(
      kernel.trips, out, trace);
  return cudaGetLastError();
}

cudaError_t prepare(const DsmemChase& kernel) {
  const Kernel function = kernel_of(kernel);
  if (function == nullptr) return cudaErrorInvalidValue;
  int bytes = 0;
  const cudaError_t status = bytes_for_an_sm(&bytes);
  return status == cudaSuccess ? allow(function, bytes) : status;
}

cudaError_t launch(const DsmemChase& kernel, std::uint32_t* out, BlockTrace* trace, cudaStream_t stream) {
  const Kernel function = kernel_of(kernel);
  if (function == nullptr || kernel.trips < 1) return cudaErrorInvalidValue;
  int bytes = 0;
  const cudaError_t status = bytes_for_an_sm(&bytes);
  if (status != cudaSuccess) return status;
  function<<<DsmemChase::cluster, DsmemChase::threads, static_cast<std::size_t>(bytes), stream>>>(kernel.trips, out,
                                                                                                  trace);
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
