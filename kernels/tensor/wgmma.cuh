// The body of a wgmma chain (wgmma.cu has its data sheet): the operands' way to where the instructions take them, the trips,
// and what is kept.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

#include "kernels/probe/block_trace.hpp"
#include "kernels/probe/device_clock.cuh"
#include "kernels/tensor/wgmma.hpp"
#include "kernels/tensor/wgmma_instructions.cuh"

namespace peakproof::kernels {

template <wgmma::Type type_, bool sparse_, bool a_in_registers_>
struct WgmmaOperation {
  static constexpr wgmma::Type type = type_;
  static constexpr bool sparse = sparse_;
  static constexpr bool a_in_registers = a_in_registers_;
};
namespace detail {

constexpr int kVectorsOfA = wgmma::rows * wgmma::tile_row_bytes / static_cast<int>(sizeof(uint4));

/// The start of every accumulator: 1.
template <wgmma::Type type>
__device__ wgmma::Accumulator<type> start() {
  if constexpr (type == wgmma::Type::f16_acc16) {
    return 0x3C003C00;
  } else {
    return 1;
  }
}

/// D += A x B of one slice; the descriptors are those of slice 0.
template <class Op, int n>
__device__ __forceinline__ void multiply(wgmma::Accumulator<Op::type> (&d)[wgmma::accumulators(Op::type, n)],
                                         std::uint64_t a, const std::uint32_t (&fragments)[Wgmma::slices][4],
                                         std::uint64_t b, const std::uint32_t (&metadata)[2], int slice) {
  constexpr int slice_units = wgmma::slice_bytes / 16;
  const std::uint64_t a_slice = a + static_cast<unsigned>(slice * slice_units);
  constexpr int b_units = (Op::sparse ? 2 : 1) * slice_units;  // a row of a tile has 2 slices of them, or 4
  const std::uint64_t b_slice = b + static_cast<unsigned>((Op::sparse ? slice % 2 : slice) * b_units);
  if constexpr (Op::sparse && Op::a_in_registers) {
    wgmma::multiply_sparse<Op::type, n>(d, fragments[slice], b_slice, metadata[slice % 2]);
  } else if constexpr (Op::sparse) {
    wgmma::multiply_sparse<Op::type, n>(d, a_slice, b_slice, metadata[slice % 2]);
  } else if constexpr (Op::a_in_registers) {
    wgmma::multiply<Op::type, n>(d, fragments[slice], b_slice);
  } else {
    wgmma::multiply<Op::type, n>(d, a_slice, b_slice);
  }
}

}  // namespace detail

/// `trips` x `steps` instructions on one set of accumulators, one behind the other. `shared`: for A (unless it is in
/// registers), B, and B with the other sign, from a multiple of 1024 bytes on. Thread 0 writes the block's trace: the clock
/// around the instructions, and the SM.
template <class Op, int n, int steps>
__device__ __forceinline__ void run_wgmma_chain(uint4* shared, const uint4* operands, int trips, std::uint32_t* out,
                                                BlockTrace* trace) {
  constexpr int count = wgmma::accumulators(Op::type, n);
  constexpr int bytes_b = n * wgmma::tile_row_bytes;
  constexpr int vectors_b = bytes_b / static_cast<int>(sizeof(uint4));
  constexpr int first = Op::a_in_registers ? detail::kVectorsOfA : 0;
  for (int i = first + static_cast<int>(threadIdx.x); i < detail::kVectorsOfA + 2 * vectors_b; i += Wgmma::threads)
    shared[i - first] = operands[i];
  const std::uint64_t a = wgmma::descriptor_128b(shared);
  const std::uint64_t b = wgmma::descriptor_128b(shared + detail::kVectorsOfA - first);
  std::uint32_t fragments[Wgmma::slices][4] = {};
  if constexpr (Op::a_in_registers) {
#pragma unroll
    for (int slice = 0; slice < Wgmma::slices; ++slice) {
      const uint4 words = operands[threadIdx.x * Wgmma::slices + slice];
      fragments[slice][0] = words.x;
      fragments[slice][1] = words.y;
      fragments[slice][2] = words.z;
      fragments[slice][3] = words.w;
      wgmma::pin(fragments[slice]);
    }
  }
  std::uint32_t metadata[2] = {};
  if constexpr (Op::sparse) {
    const auto* words = reinterpret_cast<const uint2*>(operands + detail::kVectorsOfA + 2 * vectors_b);
    metadata[0] = words[threadIdx.x].x;
    metadata[1] = words[threadIdx.x].y;
    wgmma::pin(metadata);
  }
  wgmma::publish_shared();
  __syncthreads();

  wgmma::Accumulator<Op::type> d[count];
#pragma unroll
  for (int i = 0; i < count; ++i) d[i] = detail::start<Op::type>();
  wgmma::pin(d);
  constexpr WgmmaNumbers numbers = wgmma_numbers(Op::type);
  std::uint32_t turned[2] = {};
  const std::int64_t begin = clock64();
#pragma unroll 1  // the loop stays a loop: its body is the unit that the audit counts
  for (int trip = 0; trip < trips; ++trip) {
    std::uint64_t b_of[2];
#pragma unroll
    for (int pair = 0; pair < 2; ++pair) {
      b_of[pair] = b + (turned[pair] >> 31U) * static_cast<unsigned>(bytes_b / 16);
      turned[pair] += numbers.turn(pair);
    }
    wgmma::fence();
#pragma unroll
    for (int step = 0; step < steps; ++step)
      detail::multiply<Op, n>(d, a, fragments, b_of[step % 2], metadata, step % Wgmma::slices);
    wgmma::commit();
  }
  wgmma::fence();
#pragma unroll
  for (int slice = 0; slice < 2; ++slice) detail::multiply<Op, n>(d, a, fragments, b, metadata, slice);
  wgmma::commit();
  wgmma::wait<0>();
  wgmma::pin(d);
  __syncthreads();
  const std::int64_t end = clock64();

  std::uint32_t folded = 0;
#pragma unroll
  for (int i = 0; i < count; ++i) folded = wgmma_fold(folded, wgmma::bits_of<Op::type>(d[i]));
  out[std::size_t{blockIdx.x} * Wgmma::threads + threadIdx.x] = folded;
  if (threadIdx.x == 0) trace[blockIdx.x] = BlockTrace{begin, end, sm_id()};
}

}  // namespace peakproof::kernels
