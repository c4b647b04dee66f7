// Hopper's raw wgmma rate: the kernels' shapes, their operands and the exact answer. The data sheet is in wgmma.cu.
#pragma once

#include <cuda_runtime_api.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/probe/block_trace.hpp"
#include "kernels/tensor/wgmma_types.hpp"

namespace peakproof::kernels {

/// What the operands hold (the data sheet says what zero and ones keep of a drift).
enum class WgmmaData { random, zero, ones };

/// What a type's sums allow, so that they stay exact.
struct WgmmaNumbers {
  int largest_a = 0;  ///< magnitudes
  int largest_b = 0;
  int half_periods[2] = {0, 0};  ///< trips, about, from one turn of a sign to the next: of slices 0 and 2, of 1 and 3
  double limit = 0;              ///< no sum, nor any part of one, is larger; 0: sums may wrap

  /// The sign in trip t is plus where the upper bit of t times this (of 32 bits) is 0.
  [[nodiscard]] constexpr std::uint32_t turn(int pair) const {
    return 0x80000000U / static_cast<std::uint32_t>(half_periods[pair]);
  }
};
[[nodiscard]] constexpr WgmmaNumbers wgmma_numbers(wgmma::Type type) {
  switch (type) {
    case wgmma::Type::s8:
      return {127, 127, {12011, 13007}, 0};
    case wgmma::Type::e4m3:
    case wgmma::Type::e5m2:
      return {7, 7, {167, 173}, 0x1p12};
    case wgmma::Type::f16_acc16:
      return {7, 7, {79, 83}, 0x1p11};
    case wgmma::Type::f16:
    case wgmma::Type::bf16:
    case wgmma::Type::tf32:
      break;
  }
  return {255, 127, {12011, 13007}, 0x1p22};
}

/// What is kept of a thread's accumulators, one after the other, from 0 on. They may differ in a few upper bits only,
/// which a rotation and an exclusive or alone would let cancel out.
[[nodiscard]] constexpr std::uint32_t wgmma_fold(std::uint32_t folded, std::uint32_t accumulator) {
  const std::uint32_t mixed = folded ^ accumulator;
  return (mixed << 13U | mixed >> 19U) * 0x9E3779B1U;
}

/// A chain of wgmma in every warpgroup.
struct Wgmma {
  static constexpr int threads = wgmma::threads;  ///< of a block: one warpgroup
  static constexpr int slices = 4;                ///< of A, and of the products that nearly cancel out
  static constexpr int steps = 8;                 ///< instructions of a trip: twice round the slices
  static constexpr std::array widths = {8, 16, 32, 64, 128, 256};
  static constexpr std::array types = {wgmma::Type::f16,  wgmma::Type::f16_acc16, wgmma::Type::bf16, wgmma::Type::tf32,
                                       wgmma::Type::e4m3, wgmma::Type::e5m2,      wgmma::Type::s8};

  wgmma::Type type = wgmma::Type::f16;
  bool sparse = false;          ///< A is 2:4 sparse (of TF32, 1:2)
  bool a_in_registers = false;  ///< else in shared memory
  int n = widths.back();
  int trips = 1;
  int blocks = 1;

  /// As many as keep an SM busy: the shared memory that a launch asks for makes room for no more.
  [[nodiscard]] int blocks_per_sm() const { return n < 64 ? 2 : 1; }
  /// Of one instruction.
  [[nodiscard]] int k() const { return wgmma::instruction_k(type, sparse); }
  /// The part of the tensor cores' peak at which an instruction reads its operands from shared memory, 128 bytes a clock;
  /// at most 1. Predicted: the tensor cores take n / 2 clocks.
  [[nodiscard]] double shared_memory_share() const {
    constexpr double bytes_per_clock = 128;
    const int bytes_a = a_in_registers ? 0 : wgmma::rows * wgmma::slice_bytes;
    const double clocks = (bytes_a + n * wgmma::slice_bytes * (sparse ? 2 : 1)) / bytes_per_clock;
    return clocks > n / 2.0 ? n / 2.0 / clocks : 1;
  }
  /// Of one launch: a multiply-add counts two, and so do those with the zeros of a sparse A.
  [[nodiscard]] double operations() const { return 2.0 * wgmma::rows * n * k() * steps * trips * blocks; }
  /// The kernel that is launched, as a profiler names it (without its namespaces).
  [[nodiscard]] std::string symbol() const;
};

/// Whole numbers, row by row.
struct WgmmaMatrix {
  int columns = 0;
  std::vector<int> values;

  [[nodiscard]] int at(int row, int column) const { return values[index(row, column)]; }
  int& at(int row, int column) { return values[index(row, column)]; }

 private:
  [[nodiscard]] std::size_t index(int row, int column) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns) + static_cast<std::size_t>(column);
  }
};

/// The operands of a launch; slices 2 and 3 of B are 0 and 1 again.
struct WgmmaMatrices {
  int stored_k = 0;                          ///< columns of a slice of A as it is stored
  int k = 0;                                 ///< rows of a slice of B
  std::array<WgmmaMatrix, Wgmma::slices> a;  ///< wgmma::rows x stored_k
  std::array<WgmmaMatrix, 2> row_of_b;       ///< of each element of A in slices 0 and 2, and in 1 and 3
  std::array<WgmmaMatrix, 2> b;              ///< n x k: a column of B is a row here
};
[[nodiscard]] WgmmaMatrices wgmma_matrices(const Wgmma& chain, WgmmaData data);

/// Those operands as the kernel takes them.
[[nodiscard]] std::vector<std::uint32_t> wgmma_operands(const Wgmma& chain, const WgmmaMatrices& matrices);

/// The sum of the signs of the first `trips` trips: of slices 0 and 2, and of 1 and 3.
[[nodiscard]] std::array<std::int64_t, 2> wgmma_walk(wgmma::Type type, std::int64_t trips);

/// What each thread of a warpgroup leaves.
[[nodiscard]] std::array<std::uint32_t, Wgmma::threads> wgmma_answer(const Wgmma& chain, const WgmmaMatrices& matrices);

/// Before the first launch: allows the kernel its shared memory. cudaErrorInvalidValue for a shape that no kernel has;
/// cudaErrorNoKernelImageForDevice and the like where this build has no code for the device.
[[nodiscard]] cudaError_t prepare(const Wgmma& chain);
/// `operands` as wgmma_operands makes them; `out` has threads x blocks words, `trace` one record per block.
[[nodiscard]] cudaError_t launch(const Wgmma& chain, const std::uint32_t* operands, std::uint32_t* out,
                                 BlockTrace* trace, cudaStream_t stream);

}  // namespace peakproof::kernels
