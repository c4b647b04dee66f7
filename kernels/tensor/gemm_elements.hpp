// The elements of matrices, bit by bit: what fills and checks them on the device, and can be tested on the host.
#pragma once

#include <cuda_fp16.h>
#include <cuda_runtime_api.h>

#include <cmath>
#include <cstdint>
#include <cstring>

#include "kernels/memory/hash.cuh"
#include "kernels/tensor/gemm_check.hpp"

namespace peakproof::kernels {

template <class To, class From>
__host__ __device__ inline To same_bits(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  memcpy(&to, &from, sizeof to);
  return to;
}
__host__ __device__ inline std::uint32_t bits_of_float(float value) { return same_bits<std::uint32_t>(value); }
__host__ __device__ inline std::uint64_t bits_of_double(double value) { return same_bits<std::uint64_t>(value); }
__host__ __device__ inline float float_of_bits(std::uint32_t bits) { return same_bits<float>(bits); }
__host__ __device__ inline double double_of_bits(std::uint64_t bits) { return same_bits<double>(bits); }
__host__ __device__ inline __half half_of_bits(unsigned bits) {
  __half_raw raw;
  raw.x = static_cast<unsigned short>(bits);
  return raw;
}
__host__ __device__ inline std::uint32_t bits_of_half(__half value) { return static_cast<__half_raw>(value).x; }

/// A small integer in any format, the other bits 0; of b1 whether it is not 0.
__host__ __device__ inline std::uint64_t bits_of_integer(Element element, int value) {
  switch (element) {
    case Element::f64:
      return bits_of_double(static_cast<double>(value));
    case Element::f32:
    case Element::tf32:
      return bits_of_float(static_cast<float>(value));
    case Element::f16:
      return bits_of_half(__float2half_rn(static_cast<float>(value)));
    case Element::bf16:
      return bits_of_float(static_cast<float>(value)) >> 16U;
    case Element::e5m2:
      return bits_of_half(__float2half_rn(static_cast<float>(value))) >> 8U;
    case Element::e4m3:  // as a half, which has three bits as well, but for the exponent's bias: 7, not 15
      return (bits_of_half(__float2half_rn(static_cast<float>(value))) >> 8U & 0x80U) |
             bits_of_half(__float2half_rn(static_cast<float>(abs(value)) * 0x1p-8F)) >> 7U;
    case Element::b1:
      return value != 0 ? 1 : 0;
    case Element::s4:
      return static_cast<std::uint64_t>(value) & 0xFU;
    case Element::s8:
      return static_cast<std::uint64_t>(value) & 0xFFU;
    case Element::s32:
      break;
  }
  return static_cast<std::uint32_t>(value);
}

/// From the 64 bits of a hash: a number of [-1, 1), cut to the format towards zero, so that 1 is never reached. 25 bits
/// of the hash make it, of f64 54. Of an integer, the bits are its own.
__host__ __device__ inline std::uint64_t bits_of_random(Element element, std::uint64_t hash) {
  const float value = static_cast<float>(static_cast<std::int64_t>(hash >> 39U) - (1 << 24)) * 0x1p-24F;
  switch (element) {
    case Element::f64:
      return bits_of_double(static_cast<double>(static_cast<std::int64_t>(hash >> 10U) - (std::int64_t{1} << 53)) *
                            0x1p-53);
    case Element::f32:
      return bits_of_float(value);
    case Element::tf32:
      return bits_of_float(value) & ~0x1FFFU;
    case Element::bf16:
      return bits_of_float(value) >> 16U;
    case Element::f16:
      return bits_of_half(__float2half_rz(value));
    case Element::e5m2:
      return bits_of_half(__float2half_rz(value)) >> 8U;
    case Element::e4m3:
      return (bits_of_half(__float2half_rz(value)) >> 8U & 0x80U) |
             bits_of_half(__float2half_rz(fabsf(value) * 0x1p-8F)) >> 7U;
    case Element::s8:
    case Element::s4:
    case Element::b1:
    case Element::s32:
      break;
  }
  return hash >> static_cast<unsigned>(64 - bits_of(element));
}

__host__ __device__ inline std::uint64_t bits_at(MatrixData data, Element element, std::uint64_t seed,
                                                 std::uint64_t index) {
  switch (data) {
    case MatrixData::zero:
      return 0;
    case MatrixData::ones:
      return bits_of_integer(element, 1);
    case MatrixData::small_integers: {
      const auto chance = static_cast<int>(hash64(seed, index) % 10U);
      return bits_of_integer(element, element == Element::b1 ? chance % 2 : chance % 5 - 2);
    }
    case MatrixData::tiny_integers: {
      const auto chance = static_cast<int>(hash64(seed, index) >> 61U);
      return bits_of_integer(element, chance > 1 ? 0 : 2 * chance - 1);
    }
    case MatrixData::random:
      break;
  }
  return bits_of_random(element, hash64(seed, index));
}

/// A half with three bits of the significand and an exponent's bias of 7, not 15, and without infinities.
__host__ __device__ inline float value_of_e4m3(unsigned bits) {
  const float magnitude = __half2float(half_of_bits((bits & 0x7FU) << 7U)) * 0x1p8F;
  const float value = (bits & 0x7FU) == 0x7FU ? float_of_bits(0x7FFFFFFFU) : magnitude;
  return (bits & 0x80U) != 0 ? -value : value;
}

template <Element element>
__host__ __device__ inline double value_at(const void* matrix, std::int64_t index) {
  const auto* bytes = static_cast<const std::uint8_t*>(matrix);
  if constexpr (element == Element::f64) {
    return static_cast<const double*>(matrix)[index];
  } else if constexpr (element == Element::f32) {
    return static_cast<double>(static_cast<const float*>(matrix)[index]);
  } else if constexpr (element == Element::f16) {
    return static_cast<double>(__half2float(static_cast<const __half*>(matrix)[index]));
  } else if constexpr (element == Element::bf16) {
    const unsigned upper = static_cast<const std::uint16_t*>(matrix)[index];
    return static_cast<double>(float_of_bits(upper << 16U));
  } else if constexpr (element == Element::e4m3) {
    return static_cast<double>(value_of_e4m3(bytes[index]));
  } else if constexpr (element == Element::e5m2) {
    return static_cast<double>(__half2float(half_of_bits(static_cast<unsigned>(bytes[index]) << 8U)));
  } else if constexpr (element == Element::s32) {
    return static_cast<double>(static_cast<const std::int32_t*>(matrix)[index]);
  } else if constexpr (element == Element::s8) {
    return static_cast<double>(static_cast<const std::int8_t*>(matrix)[index]);
  } else if constexpr (element == Element::s4) {
    const unsigned two = bytes[index / 2];
    const auto upper = static_cast<std::int32_t>(two << (index % 2 == 0 ? 28U : 24U));
    return static_cast<double>(upper >> 28);
  } else {
    static_assert(element == Element::b1);
    return static_cast<double>(bytes[index / 8] >> (index % 8) & 1);
  }
}

/// An element of C; those of an operand alone are none.
__host__ __device__ inline double result_at(Element element, const void* matrix, std::int64_t index) {
  switch (element) {
    case Element::f64:
      return value_at<Element::f64>(matrix, index);
    case Element::f32:
      return value_at<Element::f32>(matrix, index);
    case Element::f16:
      return value_at<Element::f16>(matrix, index);
    case Element::bf16:
      return value_at<Element::bf16>(matrix, index);
    case Element::e4m3:
      return value_at<Element::e4m3>(matrix, index);
    case Element::e5m2:
      return value_at<Element::e5m2>(matrix, index);
    case Element::s32:
      return value_at<Element::s32>(matrix, index);
    case Element::s8:
      return value_at<Element::s8>(matrix, index);
    case Element::tf32:
    case Element::s4:
    case Element::b1:
      break;
  }
  return double_of_bits(~std::uint64_t{0});  // NaN
}

/// The nearest number of a format with `fraction` bits behind the leading one, `least` its smallest normal exponent,
/// and `largest` its largest number; ties go to the even one, and what would round beyond the largest to `beyond`.
__host__ __device__ inline double rounded(double value, int fraction, int least, double largest, double beyond) {
  if (value == 0 || std::isnan(value) || std::isinf(value)) return value;
  const int leading = ilogb(value);
  const int exponent = leading > least ? leading : least;
  const double nearest = scalbn(rint(scalbn(value, fraction - exponent)), exponent - fraction);
  return fabs(nearest) > largest ? copysign(beyond, value) : nearest;
}

/// A result that is right: rounded once.
__host__ __device__ inline double rounded_to(Element element, double value) {
  const double infinity = double_of_bits(0x7FF0000000000000U);
  switch (element) {
    case Element::f32:
      return static_cast<double>(static_cast<float>(value));
    case Element::f16:
      return rounded(value, 10, -14, 65504, infinity);
    case Element::bf16:
      return rounded(value, 7, -126, 0x1.FEp127, infinity);
    case Element::e4m3:  // conversions to FP8 saturate
      return rounded(value, 3, -6, 448, 448);
    case Element::e5m2:
      return rounded(value, 2, -14, 57344, 57344);
    case Element::s32:
    case Element::s8:
      return rint(value);
    case Element::f64:
    case Element::tf32:
    case Element::s4:
    case Element::b1:
      break;
  }
  return value;
}

}  // namespace peakproof::kernels
