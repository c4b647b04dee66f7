// Atomic additions: how many a second, on shared and on global memory, at one address and at as many as there are threads.
//
//   idea     every thread adds a number of its own again and again, to a cell of its own beside its neighbours' (spread), or
//            all to the same cell (one). Which it is, is a factor that the kernel is given, so that both are the same code:
//            the compiler cannot know that addresses are equal, and add up a warp's numbers first. The hardware may combine
//            what a warp adds to one address: promised is only that all of it is added, in no order (CUDA C++ Programming
//            Guide), and how fast that goes is what is measured. Global cells lie in the L2: 4 or 8 bytes a thread
//   work     1 operation an addition and thread
//   machine  one trip of the loop is 16 atomics and its counter: reductions (RED), whose result nobody uses, or atomics
//            with a result (ATOM), all of which are added up. Shared memory has one instruction for both (ATOMS). No
//            other memory is touched, and no warp votes, shuffles or reduces
//   sass     sm_75,sm_80,sm_86,sm_89  loop global_reductions<Int32Cell>  RED.E.ADD=16 RED=16 RED.64=0 RED.F32=0 VOTE=0
//            VOTEU=0 REDUX=0 SHFL=0 other<0.25
//   sass     sm_75,sm_80,sm_86,sm_89  loop global_reductions<Int64Cell>  RED.E.ADD.64=16 RED=16 other<0.25
//   sass     sm_75,sm_80,sm_86,sm_89  loop global_reductions<Fp32Cell>  RED.E.ADD.F32=16 RED=16 other<0.25
//   sass     sm_90a,sm_100a,sm_120a  loop global_reductions<Int32Cell>  REDG.E.ADD=16 REDG=16 REDG.64=0 REDG.F32=0 VOTE=0
//            VOTEU=0 REDUX=0 SHFL=0 other<0.25
//   sass     sm_90a,sm_100a,sm_120a  loop global_reductions<Int64Cell>  REDG.E.ADD.64=16 REDG=16 other<0.25
//   sass     sm_90a,sm_100a,sm_120a  loop global_reductions<Fp32Cell>  REDG.E.ADD.F32=16 REDG=16 other<0.25
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop global_atomics  ATOMG.E.ADD=16 ATOMG=16 other<0.45
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop shared_reductions  ATOMS.ADD=16 ATOMS=16 VOTE=0
//            VOTEU=0 REDUX=0 SHFL=0 other<0.25
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop shared_atomics  ATOMS.ADD=16 ATOMS=16 other<0.45
//   limit    none is published
//   answer   every cell's sum, exact: modulo 2^32 or 2^64, and of FP32 a whole number below 2^24. Of results in use, each
//            thread's sum of them too
#include "kernels/memory/atomics.hpp"
#include "kernels/memory/occupancy.hpp"
#include "kernels/memory/shared_access.cuh"

namespace peakproof::kernels {

// What lies in global memory, and how it is added to where no result is asked for.
struct Int32Cell {
  using Value = std::uint32_t;
  static constexpr AtomicType type = AtomicType::int32;
  static __device__ __forceinline__ void add(Value* cell, Value addend) {
    asm volatile("red.relaxed.gpu.global.add.u32 [%0], %1;" ::"l"(cell), "r"(addend) : "memory");
  }
};
struct Int64Cell {
  using Value = std::uint64_t;
  static constexpr AtomicType type = AtomicType::int64;
  static __device__ __forceinline__ void add(Value* cell, Value addend) {
    asm volatile("red.relaxed.gpu.global.add.u64 [%0], %1;" ::"l"(cell), "l"(addend) : "memory");
  }
};
struct Fp32Cell {
  using Value = float;
  static constexpr AtomicType type = AtomicType::fp32;
  static __device__ __forceinline__ void add(Value* cell, Value addend) {
    asm volatile("red.relaxed.gpu.global.add.f32 [%0], %1;" ::"l"(cell), "f"(addend) : "memory");
  }
};

namespace {

__device__ __forceinline__ std::uint32_t this_thread() { return blockIdx.x * Atomics::threads + threadIdx.x; }

__device__ __forceinline__ std::uint32_t fetch_and_add(std::uint32_t* cell, std::uint32_t addend) {
  std::uint32_t before = 0;
  asm volatile("atom.relaxed.gpu.global.add.u32 %0, [%1], %2;" : "=r"(before) : "l"(cell), "r"(addend) : "memory");
  return before;
}
__device__ __forceinline__ void add_shared(std::uint32_t cell, std::uint32_t addend) {
  asm volatile("red.relaxed.cta.shared.add.u32 [%0], %1;" ::"r"(cell), "r"(addend) : "memory");
}
__device__ __forceinline__ std::uint32_t fetch_and_add_shared(std::uint32_t cell, std::uint32_t addend) {
  std::uint32_t before = 0;
  asm volatile("atom.relaxed.cta.shared.add.u32 %0, [%1], %2;" : "=r"(before) : "r"(cell), "r"(addend) : "memory");
  return before;
}

/// The loop: `add()` 16 times a trip. Thread 0 writes the block's trace.
template <class Add>
__device__ __forceinline__ void repeat_additions(int trips, BlockTrace* trace, const Add& add) {
  const std::int64_t begin = clock64();
  __syncthreads();
#pragma unroll 1  // the loop stays a loop: its body is the unit that the audit counts
  for (int trip = 0; trip < trips; ++trip) {
#pragma unroll
    for (int step = 0; step < Atomics::steps; ++step) add();
  }
  __syncthreads();
  const std::int64_t end = clock64();
  if (threadIdx.x == 0) trace[blockIdx.x] = BlockTrace{begin, end, sm_id()};
}

/// All in one cell of shared memory, or one each; zeroed before and written out after.
template <class Add>
__device__ __forceinline__ void add_in_shared(std::uint32_t factor, int trips, std::uint32_t* cells, BlockTrace* trace,
                                              const Add& add) {
  __shared__ std::uint32_t sums[Atomics::threads];
  sums[threadIdx.x] = 0;
  const std::uint32_t cell = shared_address(sums) + 4 * factor * threadIdx.x;
  repeat_additions(trips, trace, [&] { add(cell); });
  if (factor != 0) cells[this_thread()] = sums[threadIdx.x];
  if (factor == 0 && threadIdx.x == 0) cells[blockIdx.x] = sums[0];
}

}  // namespace

template <class Type>
__global__ void __launch_bounds__(Atomics::threads)
    global_reductions(std::uint32_t factor, int trips, typename Type::Value* cells, BlockTrace* trace) {
  auto* const cell = cells + std::size_t{factor} * this_thread();
  const auto addend = static_cast<typename Type::Value>(Atomics::addend(Type::type, this_thread()));
  repeat_additions(trips, trace, [&] { Type::add(cell, addend); });
}
__global__ void __launch_bounds__(Atomics::threads)
    global_atomics(int trips, std::uint32_t* cells, std::uint32_t* out, BlockTrace* trace) {
  auto* const cell = cells + this_thread();
  const auto addend = static_cast<std::uint32_t>(Atomics::addend(AtomicType::int32, this_thread()));
  std::uint32_t results = 0;
  repeat_additions(trips, trace, [&] { results += fetch_and_add(cell, addend); });
  out[this_thread()] = results;
}
__global__ void __launch_bounds__(Atomics::threads)
    shared_reductions(std::uint32_t factor, int trips, std::uint32_t* cells, std::uint32_t* /*out*/,
                      BlockTrace* trace) {
  const auto addend = static_cast<std::uint32_t>(Atomics::addend(AtomicType::int32, this_thread()));
  add_in_shared(factor, trips, cells, trace, [&](std::uint32_t cell) { add_shared(cell, addend); });
}
__global__ void __launch_bounds__(Atomics::threads)
    shared_atomics(std::uint32_t factor, int trips, std::uint32_t* cells, std::uint32_t* out, BlockTrace* trace) {
  const auto addend = static_cast<std::uint32_t>(Atomics::addend(AtomicType::int32, this_thread()));
  std::uint32_t results = 0;
  add_in_shared(factor, trips, cells, trace,
                [&](std::uint32_t cell) { results += fetch_and_add_shared(cell, addend); });
  out[this_thread()] = results;
}

namespace {

/// Whether there is a kernel for it.
bool exists(const Atomics& kernel) {
  const bool int32 = kernel.type == AtomicType::int32;
  if (kernel.used) return int32 && kernel.spread;
  if (kernel.memory == AtomicMemory::shared) return int32;
  return kernel.spread || kernel.type != AtomicType::fp32;  // what FP32 sums to depends on the order
}

const void* function_of(const Atomics& kernel) {
  if (!exists(kernel)) return nullptr;
  const auto pointer = [](auto* function) { return reinterpret_cast<const void*>(function); };
  if (kernel.memory == AtomicMemory::shared) return pointer(kernel.used ? shared_atomics : shared_reductions);
  if (kernel.used) return pointer(global_atomics);
  switch (kernel.type) {
    case AtomicType::int32:
      return pointer(global_reductions<Int32Cell>);
    case AtomicType::int64:
      return pointer(global_reductions<Int64Cell>);
    case AtomicType::fp32:
      return pointer(global_reductions<Fp32Cell>);
  }
  return nullptr;
}

}  // namespace

cudaError_t blocks_per_sm(const Atomics& kernel, int* blocks) {
  return fill_sm(function_of(kernel), Atomics::threads, blocks);
}

cudaError_t launch(const Atomics& kernel, void* cells, std::uint32_t* out, BlockTrace* trace, cudaStream_t stream) {
  if (!exists(kernel) || kernel.blocks < 1 || kernel.trips < 1) return cudaErrorInvalidValue;
  if (kernel.type == AtomicType::fp32 && kernel.trips > Atomics::most_fp32_trips) return cudaErrorInvalidValue;
  const auto blocks = static_cast<unsigned>(kernel.blocks);
  const std::uint32_t factor = kernel.spread ? 1 : 0;
  const auto words = static_cast<std::uint32_t*>(cells);
  if (kernel.memory == AtomicMemory::shared) {
    const auto function = kernel.used ? shared_atomics : shared_reductions;
    function<<<blocks, Atomics::threads, 0, stream>>>(factor, kernel.trips, words, out, trace);
  } else if (kernel.used) {
    global_atomics<<<blocks, Atomics::threads, 0, stream>>>(kernel.trips, words, out, trace);
  } else if (kernel.type == AtomicType::int64) {
    global_reductions<Int64Cell>
        <<<blocks, Atomics::threads, 0, stream>>>(factor, kernel.trips, static_cast<std::uint64_t*>(cells), trace);
  } else if (kernel.type == AtomicType::fp32) {
    global_reductions<Fp32Cell>
        <<<blocks, Atomics::threads, 0, stream>>>(factor, kernel.trips, static_cast<float*>(cells), trace);
  } else {
    global_reductions<Int32Cell><<<blocks, Atomics::threads, 0, stream>>>(factor, kernel.trips, words, trace);
  }
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
