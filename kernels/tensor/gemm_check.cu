// Operands of a matrix product, and its check against FP64. Neither is timed.
//
//   idea     the reference is a plain FP64 product of the same operands: a block computes 64 x 64 of it from slabs in
//            shared memory, 4 x 4 elements a thread, compares each with C and adds up what differs. Products of all
//            formats but f64 are exact in FP64, and so are all sums of integers; else the reference is right to about
//            k x 1e-16
//   work     2 m n k FP64 FLOP, any m and n, and any k whose rows end with a byte
//   answer   GemmErrors
#include "kernels/tensor/gemm_check.hpp"
#include "kernels/tensor/gemm_elements.hpp"

namespace peakproof::kernels {
namespace {

constexpr int kThreads = 256;
constexpr std::int64_t kMostBlocks = 65536;  // each thread goes on by the whole grid's stride
constexpr int kSide = 64;                    // of the part of C that a block checks
constexpr int kSlab = 16;                    // of k, at a time
constexpr int kPerThread = 4;                // rows and columns
constexpr int kApart = kSide / kPerThread;   // from one of a thread's rows or columns to its next

// ---- sums -----------------------------------------------------------------------------------------------------------

/// Bits whose order as integers is the order of the magnitudes, NaN the largest.
__device__ unsigned long long magnitude_bits(double value) {
  return static_cast<unsigned long long>(__double_as_longlong(fabs(value)));
}

/// What one thread, then one warp, found. Kept apart from GemmErrors because a maximum that must not lose a NaN is
/// taken over bits.
struct Found {
  double difference2 = 0;
  double reference2 = 0;
  double difference1 = 0;
  unsigned long long largest = 0;
  unsigned long long mismatches = 0;
  unsigned long long compared = 0;
  unsigned long long not_numbers = 0;
  unsigned long long not_first = 0;
  unsigned long long end = 0;

  __device__ void add(double out, double reference, double right, std::int64_t index) {
    const double difference = out - reference;
    difference2 += difference * difference;
    reference2 += reference * reference;
    difference1 += fabs(difference);
    largest = max(largest, magnitude_bits(difference));
    ++compared;
    if (out == right) return;  // false for NaN
    ++mismatches;
    constexpr unsigned long long infinity = 0x7FF0000000000000;
    if (magnitude_bits(out) >= infinity) ++not_numbers;
    const auto place = static_cast<unsigned long long>(index);
    not_first = max(not_first, ~place);
    end = max(end, place + 1);
  }
  __device__ void gather_warp() {
    for (int apart = 16; apart > 0; apart /= 2) {
      difference2 += __shfl_down_sync(~0U, difference2, apart);
      reference2 += __shfl_down_sync(~0U, reference2, apart);
      difference1 += __shfl_down_sync(~0U, difference1, apart);
      largest = max(largest, __shfl_down_sync(~0U, largest, apart));
      mismatches += __shfl_down_sync(~0U, mismatches, apart);
      compared += __shfl_down_sync(~0U, compared, apart);
      not_numbers += __shfl_down_sync(~0U, not_numbers, apart);
      not_first = max(not_first, __shfl_down_sync(~0U, not_first, apart));
      end = max(end, __shfl_down_sync(~0U, end, apart));
    }
  }
  __device__ void add_to(GemmErrors* errors) const {
    atomicAdd(&errors->sum_difference2, difference2);
    atomicAdd(&errors->sum_reference2, reference2);
    atomicAdd(&errors->sum_difference, difference1);
    atomicMax(reinterpret_cast<unsigned long long*>(&errors->max_difference), largest);
    atomicAdd(&errors->mismatches, mismatches);
    atomicAdd(&errors->compared, compared);
    if (mismatches == 0) return;
    atomicAdd(&errors->not_numbers, not_numbers);
    atomicMax(&errors->not_first, not_first);
    atomicMax(&errors->end, end);
  }
};

/// Not inlined: every element of every format would be another copy of all formats' rounding, which takes the compiler
/// long, and it is done once an element.
__device__ __noinline__ void compare(Found& found, Element out, const void* c, std::int64_t index, double reference,
                                     std::int64_t before) {
  found.add(result_at(out, c, index), reference, rounded_to(out, reference), before + index);
}

}  // namespace

/// A thread writes one element, or the elements of one byte, at a time.
__global__ void __launch_bounds__(kThreads)
    fill_matrix_kernel(MatrixData data, Element element, std::uint64_t seed, void* matrix, std::int64_t elements) {
  const int bits = bits_of(element);
  const int together = bits < 8 ? 8 / bits : 1;
  const std::int64_t count = elements / together;
  const std::int64_t stride = std::int64_t{gridDim.x} * blockDim.x;
  for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += stride) {
    std::uint64_t word = 0;
    for (int j = 0; j < together; ++j) {
      word |= bits_at(data, element, seed, static_cast<std::uint64_t>(i * together + j)) << unsigned(j * bits);
    }
    if (bits == 64) {
      static_cast<std::uint64_t*>(matrix)[i] = word;
    } else if (bits == 32) {
      static_cast<std::uint32_t*>(matrix)[i] = static_cast<std::uint32_t>(word);
    } else if (bits == 16) {
      static_cast<std::uint16_t*>(matrix)[i] = static_cast<std::uint16_t>(word);
    } else {
      static_cast<std::uint8_t*>(matrix)[i] = static_cast<std::uint8_t>(word);
    }
  }
}

template <Element operand>
__global__ void __launch_bounds__(kThreads) gemm_errors(GemmShape shape, GemmTypes types, const void* a, const void* b,
                                                        const void* c, GemmErrors* errors, std::int64_t first_row) {
  __shared__ double slab_a[kSlab][kSide + 1];  // k by k; padded, so that the writes spread over the banks
  __shared__ double slab_b[kSlab][kSide + 1];
  const std::int64_t blocks_n = (shape.n + kSide - 1) / kSide;
  const std::int64_t row = std::int64_t{blockIdx.x} / blocks_n * kSide;
  const std::int64_t column = std::int64_t{blockIdx.x} % blocks_n * kSide;
  const int thread = static_cast<int>(threadIdx.x);
  const int my_row = thread / kApart;  // 0..15, and every 16th after it
  const int my_column = thread % kApart;

  double sums[kPerThread][kPerThread] = {};
  for (std::int64_t k = 0; k < shape.k; k += kSlab) {
#pragma unroll
    for (int i = thread; i < kSlab * kSide; i += kThreads) {
      const std::int64_t row_a = row + i / kSlab;
      const std::int64_t column_b = column + i / kSlab;
      const std::int64_t deep = k + i % kSlab;
      const bool in_a = row_a < shape.m && deep < shape.k;
      const bool in_b = column_b < shape.n && deep < shape.k;
      slab_a[i % kSlab][i / kSlab] = in_a ? value_at<operand>(a, row_a * shape.k + deep) : 0.0;
      slab_b[i % kSlab][i / kSlab] = in_b ? value_at<operand>(b, column_b * shape.k + deep) : 0.0;
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
        compare(found, types.out, c, row_c * shape.n + column_c, sums[i][j], first_row * shape.n);
      }
    }
  }
  found.gather_warp();
  if (thread % 32 == 0) found.add_to(errors);
}

namespace {

using CheckKernel = void (*)(GemmShape, GemmTypes, const void*, const void*, const void*, GemmErrors*, std::int64_t);

/// Null for a format that is no operand.
CheckKernel check_kernel(Element operand) {
  switch (operand) {
    case Element::f64:
      return gemm_errors<Element::f64>;
    case Element::f32:
    case Element::tf32:
      return gemm_errors<Element::f32>;
    case Element::f16:
      return gemm_errors<Element::f16>;
    case Element::bf16:
      return gemm_errors<Element::bf16>;
    case Element::e4m3:
      return gemm_errors<Element::e4m3>;
    case Element::e5m2:
      return gemm_errors<Element::e5m2>;
    case Element::s8:
      return gemm_errors<Element::s8>;
    case Element::s4:
      return gemm_errors<Element::s4>;
    case Element::b1:
      return gemm_errors<Element::b1>;
    case Element::s32:
      break;
  }
  return nullptr;
}

bool is_result(Element element) { return element != Element::tf32 && element != Element::s4 && element != Element::b1; }

}  // namespace

cudaError_t fill_matrix(MatrixData data, Element element, std::uint64_t seed, void* matrix, std::int64_t elements,
                        cudaStream_t stream) {
  const bool whole_bytes = elements * bits_of(element) % 8 == 0;
  if (matrix == nullptr || elements <= 0 || !whole_bytes || element == Element::s32) return cudaErrorInvalidValue;
  const std::int64_t blocks = (elements + kThreads - 1) / kThreads;
  fill_matrix_kernel<<<static_cast<unsigned>(blocks < kMostBlocks ? blocks : kMostBlocks), kThreads, 0, stream>>>(
      data, element, seed, matrix, elements);
  return cudaGetLastError();
}

cudaError_t check_gemm(const GemmShape& shape, const GemmTypes& types, const void* a, const void* b, const void* c,
                       GemmErrors* errors, cudaStream_t stream, std::int64_t first_row) {
  constexpr std::int64_t limit = 0x7FFFFFFF;
  const auto good = [](std::int64_t extent) { return extent > 0 && extent <= limit; };
  if (!good(shape.m) || !good(shape.n) || !good(shape.k) || errors == nullptr) return cudaErrorInvalidValue;
  const CheckKernel kernel = check_kernel(types.operand);
  if (kernel == nullptr || !is_result(types.out)) return cudaErrorInvalidValue;
  if (shape.k * bits_of(types.operand) % 8 != 0) return cudaErrorInvalidValue;
  const std::int64_t blocks = (shape.m + kSide - 1) / kSide * ((shape.n + kSide - 1) / kSide);
  if (blocks > limit) return cudaErrorInvalidValue;
  kernel<<<static_cast<unsigned>(blocks), kThreads, 0, stream>>>(shape, types, a, b, c, errors, first_row);
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
