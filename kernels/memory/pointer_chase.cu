// Latency of a level of the memory hierarchy.
//
//   idea     one thread follows a ring of pointers: each load's address is the value that the one before it brought, so
//            that nothing overlaps. The ring visits the lines of its memory in an order that looks random, each once a
//            round (kernels/memory/permutation.hpp), so that neither a prefetch nor an open DRAM row helps, and no
//            cache that is smaller than the ring keeps a line until it is wanted again. How large the ring is decides
//            the level that answers. The first trips are not timed: they fill the L1, which is empty when a kernel
//            begins
//   work     trips x 61 dependent loads
//   machine  the loop is 61 loads (a prime number, so that a walk some trips short ends elsewhere in any ring); its
//            counter and its branch are issued while a load is on its way, and cost nothing
//   sass     sm_75  loop pointer_chase<AllLevels>  LDG.E.64.SYS=61 LDG=61 LD=0 other<0.1
//   sass     sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop pointer_chase<AllLevels>  LDG.E.64=61 LDG=61 LDG.STRONG=0
//            LD=0 other<0.1
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop pointer_chase<SecondLevel>  LDG.E.64.STRONG.GPU=61
//            LDG=61 LD=0 other<0.1
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop pointer_chase<SharedRing>  LDS=61 LD=0 other<0.1
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop pointer_chase<ConstantRing>  LDC=61 LD=0 other<0.1
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop pointer_chase<TextureRing>  TLD=61 LD=0 other<0.1
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop chase_by_sm  LDG.E.64.STRONG.GPU=61 LDG=61 LD=0
//            other<0.12
//   limit    none: a latency is reported, not judged
//   answer   where the walk ends after so many steps, which only the last node's neighbour in the ring knows
#include <type_traits>

#include "kernels/memory/load_path.cuh"
#include "kernels/memory/pointer_chase.hpp"
#include "kernels/probe/device_clock.cuh"

namespace peakproof::kernels {
namespace {

constexpr int kWarp = 32;

/// A ring of byte offsets into itself.
template <int nodes>
struct OwnRing {
  std::uint32_t next[nodes];
};

template <int nodes>
constexpr OwnRing<nodes> made(const Ring& ring) {
  OwnRing<nodes> made{};
  for (int step = 0; step < nodes; ++step)
    made.next[ring.place(step) / ring.stride_bytes] = static_cast<std::uint32_t>(ring.place(step + 1));
  return made;
}

__constant__ OwnRing<PointerChase::constant_ring.nodes> constant_ring =
    made<PointerChase::constant_ring.nodes>(PointerChase::constant_ring);

}  // namespace

/// The ways to the next place, made by a whole warp; place() turns what a launch gives, and walk's end back with
/// offset().
struct SharedRing {
  using Place = std::uint32_t;  // an address in shared memory, so that a load needs nothing but the one before it
  Place base = 0;
  __device__ explicit SharedRing(cudaTextureObject_t /*texture*/) {
    __shared__ OwnRing<PointerChase::shared_ring.nodes> own;
    base = static_cast<Place>(__cvta_generic_to_shared(own.next));
    constexpr Ring plan = PointerChase::shared_ring;
    for (int step = static_cast<int>(threadIdx.x); step < plan.nodes; step += kWarp)
      own.next[plan.place(step) / plan.stride_bytes] = base + static_cast<Place>(plan.place(step + 1));
    __syncwarp();
  }
  __device__ Place place(std::uint64_t first) const { return base + static_cast<Place>(first); }
  __device__ std::uint64_t offset(Place last) const { return last - base; }
  __device__ static Place next(Place place) {
    Place next = 0;
    asm volatile("ld.shared.u32 %0, [%1];" : "=r"(next) : "r"(place));
    return next;
  }
};

/// What is the same for all lanes the compiler would load into a uniform register, by another unit.
__device__ __forceinline__ std::uint32_t of_this_lane(std::uint32_t value) {
  std::uint32_t lane = 0;
  asm volatile("mov.u32 %0, %%laneid;" : "=r"(lane));
  return value + lane;
}

struct ConstantRing {
  using Place = std::uint32_t;
  __device__ explicit ConstantRing(cudaTextureObject_t /*texture*/) {}
  __device__ static Place place(std::uint64_t first) { return of_this_lane(static_cast<Place>(first)); }
  __device__ static std::uint64_t offset(Place last) { return last; }
  __device__ static Place next(Place place) {
    return *reinterpret_cast<const Place*>(reinterpret_cast<const char*>(constant_ring.next) + place);
  }
};

struct TextureRing {
  using Place = std::uint32_t;
  cudaTextureObject_t texture;
  __device__ explicit TextureRing(cudaTextureObject_t object) : texture(object) {}
  __device__ static Place place(std::uint64_t first) { return static_cast<Place>(first); }
  __device__ static std::uint64_t offset(Place last) { return last; }
  __device__ Place next(Place place) const { return tex1Dfetch<Place>(texture, static_cast<int>(place)); }
};

/// A ring in global memory, by its addresses. Instructions by name: of a number that is an address the compiler does
/// not know that it is no address of shared memory.
template <class Path>
struct GlobalRing {
  using Place = std::uint64_t;
  __device__ explicit GlobalRing(cudaTextureObject_t /*texture*/) {}
  __device__ static Place place(std::uint64_t first) { return first; }
  __device__ static std::uint64_t offset(Place last) { return last; }
  __device__ static Place next(Place place) {
    Place next = 0;
    if constexpr (std::is_same_v<Path, AllLevels>)
      asm volatile("ld.global.u64 %0, [%1];" : "=l"(next) : "l"(place));
    else
      asm volatile("ld.global.cg.u64 %0, [%1];" : "=l"(next) : "l"(place));
    return next;
  }
};
template <class Path>
struct RingOf {
  using Type = Path;
};
template <>
struct RingOf<AllLevels> {
  using Type = GlobalRing<AllLevels>;
};
template <>
struct RingOf<SecondLevel> {
  using Type = GlobalRing<SecondLevel>;
};

namespace {

/// Trips that are not timed and trips that are, in one loop: the clock is read when the last load of the trips before
/// is still on its way, at the begin as at the end.
template <class Ring>
__device__ __forceinline__ ChaseOutcome walk(const Ring& ring, std::uint64_t first, int warm_trips, int trips) {
  typename Ring::Place place = ring.place(first);
  std::int64_t begin = 0;
  std::int64_t end = 0;
#pragma unroll 1
  for (int pass = 0; pass < 2; ++pass) {
    begin = clock64();
#pragma unroll 1
    for (int trip = pass == 0 ? warm_trips : trips; trip > 0; --trip) {
#pragma unroll
      for (int step = 0; step < PointerChase::steps; ++step) place = ring.next(place);
    }
    end = clock64();
  }
  return {ring.offset(place), end - begin, sm_id()};
}

}  // namespace

/// One warp, whose first lane walks.
template <class Path>
__global__ void __launch_bounds__(kWarp)
    pointer_chase(std::uint64_t first, cudaTextureObject_t texture, int warm_trips, int trips, ChaseOutcome* out) {
  using Ring = typename RingOf<Path>::Type;
  const Ring ring(texture);
  if (threadIdx.x != 0) return;
  *out = walk(ring, first, warm_trips, trips);
}

/// Blocks of one SM beyond its first leave at once. Those that wait for their turn look for it about once in a
/// microsecond.
__global__ void __launch_bounds__(1)
    chase_by_sm(std::uint64_t first, int trips, std::uint32_t* turn, ChaseOutcome* out) {
  const std::int64_t sm = sm_id();
  if (sm >= ChaseBySm::most_sms || atomicExch(turn + 1 + sm, 1U) != 0) return;
  while (atomicCAS(turn, 0U, 1U) != 0) __nanosleep(1000);
  out[sm] = walk(GlobalRing<SecondLevel>(0), first, 1, trips);
  atomicExch(turn, 0U);
}

/// Not timed: each thread writes nodes, from one step of the walk to the next.
__global__ void __launch_bounds__(256) fill_ring(Ring ring, char* memory, bool elements) {
  for (std::int64_t step = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; step < ring.nodes;
       step += std::int64_t{gridDim.x} * blockDim.x) {
    char* node = memory + ring.place(step);
    const std::int64_t next = ring.place(step + 1);
    if (elements)
      *reinterpret_cast<std::uint32_t*>(node) = static_cast<std::uint32_t>(next / 4);
    else
      *reinterpret_cast<std::uint64_t*>(node) = reinterpret_cast<std::uint64_t>(memory + next);
  }
}

namespace {

using Kernel = void (*)(std::uint64_t, cudaTextureObject_t, int, int, ChaseOutcome*);

struct Way {
  const char* symbol;
  Kernel kernel;
};
Way way_of(ChasePath path) {
  switch (path) {
    case ChasePath::second_level:
      return {"pointer_chase<SecondLevel>", pointer_chase<SecondLevel>};
    case ChasePath::shared:
      return {"pointer_chase<SharedRing>", pointer_chase<SharedRing>};
    case ChasePath::constant:
      return {"pointer_chase<ConstantRing>", pointer_chase<ConstantRing>};
    case ChasePath::texture:
      return {"pointer_chase<TextureRing>", pointer_chase<TextureRing>};
    case ChasePath::all_levels:
      break;
  }
  return {"pointer_chase<AllLevels>", pointer_chase<AllLevels>};
}

}  // namespace

const char* PointerChase::symbol() const { return way_of(path).symbol; }

cudaError_t fill(const Ring& ring, void* memory, bool elements, cudaStream_t stream) {
  constexpr std::int64_t threads = 256;
  constexpr std::int64_t most_blocks = 65536;
  const std::int64_t node_bytes = elements ? 4 : 8;
  if (memory == nullptr || ring.nodes < 1 || ring.stride_bytes < node_bytes || ring.stride_bytes % node_bytes != 0)
    return cudaErrorInvalidValue;
  const std::int64_t blocks = (ring.nodes + threads - 1) / threads;
  fill_ring<<<static_cast<unsigned>(blocks < most_blocks ? blocks : most_blocks), threads, 0, stream>>>(
      ring, static_cast<char*>(memory), elements);
  return cudaGetLastError();
}

cudaError_t launch(const PointerChase& chase, std::uint64_t first, cudaTextureObject_t texture, ChaseOutcome* out,
                   cudaStream_t stream) {
  if (chase.trips < 1 || chase.warm_trips < 0 || out == nullptr) return cudaErrorInvalidValue;
  const Kernel kernel = way_of(chase.path).kernel;
  if (chase.path != ChasePath::shared) {  // which keeps what it needs
    const cudaError_t status =
        cudaFuncSetAttribute(kernel, cudaFuncAttributePreferredSharedMemoryCarveout, cudaSharedmemCarveoutMaxL1);
    if (status != cudaSuccess) return status;
  }
  kernel<<<1, kWarp, 0, stream>>>(first, texture, chase.warm_trips, chase.trips, out);
  return cudaGetLastError();
}

cudaError_t launch(const ChaseBySm& chase, std::uint64_t first, std::uint32_t* turn, ChaseOutcome* out,
                   cudaStream_t stream) {
  constexpr int blocks_per_sm = 4;  // more than one, since nothing says that the blocks of a launch spread evenly
  if (chase.sm_count < 1 || chase.trips < 1 || turn == nullptr || out == nullptr) return cudaErrorInvalidValue;
  const cudaError_t status = cudaMemsetAsync(turn, 0, kTurnWords * sizeof *turn, stream);
  if (status != cudaSuccess) return status;
  chase_by_sm<<<static_cast<unsigned>(chase.sm_count * blocks_per_sm), 1, 0, stream>>>(first, chase.trips, turn, out);
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
