// Operands of a matrix product, and its check against FP64. Neither is timed.
//
//   idea     the reference is a plain FP64 product of the same operands: a block computes 64 x 64 of it from slabs in
//            shared memory, 4 x 4 elements a thread, compares each with C and adds up what differs. FP16 products are
//            exact in FP64, so the reference is right to about k x 1e-16
//   work     2 m n k FP64 FLOP, any m, n and k
//   answer   GemmErrors
#include "kernels/memory/hash.cuh"
#include "kernels/tensor/gemm_check.hpp"

namespace peakproof::kernels {
namespace {

constexpr int kThreads = 256;
constexpr std::int64_t kMostBlocks = 65536;  // each thread goes on by the whole grid's stride
constexpr int kSide = 64;                    // of the part of C that a block checks
constexpr int kSlab = 16;                    // of k, at a time
constexpr int kPerThread = 4;                // rows and columns
constexpr int kApart = kSide / kPerThread;   // from one of a thread's rows or columns to its next

__device__ __half value_at(MatrixData data, std::uint64_t seed, std::uint64_t index) {
  switch (data) {
    case MatrixData::zero:
      return __float2half(0.0F);
    case MatrixData::ones:
      return __float2half(1.0F);
    case MatrixData::small_integers:
      return __int2half_rn(static_cast<int>(hash64(seed, index) % 5U) - 2);
    case MatrixData::random:
      break;
  }
  const auto bits = static_cast<std::int64_t>(hash64(seed, index) >> 39U);  // 25 bits
  return __float2half_rz(static_cast<float>(bits - (1 << 24)) * 0x1p-24F);  // towards zero: 1 is never reached
}

/// Bits whose order as integers is the order of the magnitudes, NaN the largest.
__device__ unsigned long long magnitude_bits(double value) {
  return static_cast<unsigned long long>(__double_as_longlong(fabs(value)));
}

/// What one thread, then one warp, found. Kept apart from GemmErrors because a maximum that must not lose a NaN is
/// taken over bits.
struct Found {
  double difference2 = 0;
  double reference2 = 0;
  unsigned long long largest = 0;
  unsigned long long mismatches = 0;
  unsigned long long compared = 0;

  __device__ void add(double out, double reference) {
    const double difference = out - reference;
    difference2 += difference * difference;
    reference2 += reference * reference;
    largest = max(largest, magnitude_bits(difference));
    if (out != reference) ++mismatches;  // true for NaN
    ++compared;
  }
  __device__ void gather_warp() {
    for (int apart = 16; apart > 0; apart /= 2) {
      difference2 += __shfl_down_sync(~0U, difference2, apart);
      reference2 += __shfl_down_sync(~0U, reference2, apart);
      largest = max(largest, __shfl_down_sync(~0U, largest, apart));
      mismatches += __shfl_down_sync(~0U, mismatches, apart);
      compared += __shfl_down_sync(~0U, compared, apart);
    }
  }
  __device__ void add_to(GemmErrors* errors) const {
    atomicAdd(&errors->sum_difference2, difference2);
    atomicAdd(&errors->sum_reference2, reference2);
    atomicMax(reinterpret_cast<unsigned long long*>(&errors->max_difference), largest);
    atomicAdd(&errors->mismatches, mismatches);
    atomicAdd(&errors->compared, compared);
  }
};

}  // namespace

__global__ void __launch_bounds__(kThreads)
    fill_matrix_kernel(MatrixData data, std::uint64_t seed, __half* matrix, std::int64_t elements) {
  const std::int64_t stride = std::int64_t{gridDim.x} * blockDim.x;
  for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < elements; i += stride) {
    matrix[i] = value_at(data, seed, static_cast<std::uint64_t>(i));
  }
}

__global__ void __launch_bounds__(kThreads)
    gemm_errors(GemmShape shape, const __half* a, const __half* b, const float* c, GemmErrors* errors) {
  __shared__ double slab_a[kSlab][kSide + 1];  // transposed; padded, so that its writes spread over the banks
  __shared__ double slab_b[kSlab][kSide];
  const std::int64_t blocks_n = (shape.n + kSide - 1) / kSide;
  const std::int64_t row = std::int64_t{blockIdx.x} / blocks_n * kSide;
  const std::int64_t column = std::int64_t{blockIdx.x} % blocks_n * kSide;
  const int thread = static_cast<int>(threadIdx.x);
  const int my_row = thread / kApart;  // 0..15, and every 16th after it
  const int my_column = thread % kApart;

  double sums[kPerThread][kPerThread] = {};
  for (std::int64_t k = 0; k < shape.k; k += kSlab) {
    for (int i = thread; i < kSlab * kSide; i += kThreads) {
      const std::int64_t row_a = row + i / kSlab;
      const std::int64_t k_a = k + i % kSlab;
      const std::int64_t k_b = k + i / kSide;
      const std::int64_t column_b = column + i % kSide;
      const bool in_a = row_a < shape.m && k_a < shape.k;
      const bool in_b = column_b < shape.n && k_b < shape.k;
      slab_a[i % kSlab][i / kSlab] = in_a ? static_cast<double>(__half2float(a[row_a * shape.k + k_a])) : 0.0;
      slab_b[i / kSide][i % kSide] = in_b ? static_cast<double>(__half2float(b[k_b * shape.n + column_b])) : 0.0;
    }
    __syncthreads();
#pragma unroll
    for (int step = 0; step < kSlab; ++step) {
      double from_a[kPerThread];
      double from_b[kPerThread];
#pragma unroll
      for (int i = 0; i < kPerThread; ++i) from_a[i] = slab_a[step][my_row + i * kApart];
#pragma unroll
      for (int j = 0; j < kPerThread; ++j) from_b[j] = slab_b[step][my_column + j * kApart];
#pragma unroll
      for (int i = 0; i < kPerThread; ++i) {
#pragma unroll
        for (int j = 0; j < kPerThread; ++j) sums[i][j] = fma(from_a[i], from_b[j], sums[i][j]);
      }
    }
    __syncthreads();
  }

  Found found;
#pragma unroll
  for (int i = 0; i < kPerThread; ++i) {
#pragma unroll
    for (int j = 0; j < kPerThread; ++j) {
      const std::int64_t row_c = row + my_row + i * kApart;
      const std::int64_t column_c = column + my_column + j * kApart;
      if (row_c < shape.m && column_c < shape.n) {
        found.add(static_cast<double>(c[row_c * shape.n + column_c]), sums[i][j]);
      }
    }
  }
  found.gather_warp();
  if (thread % 32 == 0) found.add_to(errors);
}

cudaError_t fill_matrix(MatrixData data, std::uint64_t seed, __half* matrix, std::int64_t elements,
                        cudaStream_t stream) {
  if (matrix == nullptr || elements <= 0) return cudaErrorInvalidValue;
  const std::int64_t blocks = (elements + kThreads - 1) / kThreads;
  fill_matrix_kernel<<<static_cast<unsigned>(blocks < kMostBlocks ? blocks : kMostBlocks), kThreads, 0, stream>>>(
      data, seed, matrix, elements);
  return cudaGetLastError();
}

cudaError_t check_gemm(const GemmShape& shape, const __half* a, const __half* b, const float* c, GemmErrors* errors,
                       cudaStream_t stream) {
  constexpr std::int64_t limit = 0x7FFFFFFF;
  const auto good = [](std::int64_t extent) { return extent > 0 && extent <= limit; };
  if (!good(shape.m) || !good(shape.n) || !good(shape.k) || errors == nullptr) return cudaErrorInvalidValue;
  const std::int64_t blocks = (shape.m + kSide - 1) / kSide * ((shape.n + kSide - 1) / kSide);
  if (blocks > limit) return cudaErrorInvalidValue;
  gemm_errors<<<static_cast<unsigned>(blocks), kThreads, 0, stream>>>(shape, a, b, c, errors);
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
