// wgmma on the host, in the place of kernels/tensor/wgmma_instructions.cuh: a warpgroup is 128 threads of the process, which
// meet at every instruction. Descriptors, swizzle, registers and metadata are read as PTX ISA 9.0 tells it, from the
// machine's side; a sum is exact, and what the rules of asynchronous use forbid ends the process.
#pragma once

#include <mma.h>

#include <array>
#include <cstring>

#include "kernels/tensor/number_format.hpp"
#include "kernels/tensor/wgmma_types.hpp"

namespace emulated {

/// What the threads of a warpgroup show one another at an instruction.
struct Warpgroup {
  std::array<std::array<std::uint32_t, 4>, 128> a{};
  std::array<std::uint32_t, 128> metadata{};
  std::array<std::array<std::uint64_t, 2>, 128> descriptors{};
};
inline Warpgroup warpgroup;
inline thread_local bool published = false;
inline thread_local bool fenced = false;
inline thread_local int uncommitted = 0;
inline thread_local int pending = 0;

inline void require(bool holds, const char* what) {
  if (!holds) fail(what);
}

/// The number that these bits are.
inline double number(const peakproof::kernels::NumberFormat& format, std::uint32_t bits) {
  if (format.integer()) return static_cast<std::int8_t>(bits);
  const int exponent = static_cast<int>(bits >> unsigned(format.significand) & ((1U << unsigned(format.exponent)) - 1));
  const double fraction = bits & ((1U << unsigned(format.significand)) - 1);
  const int bias = (1 << unsigned(format.exponent - 1)) - 1;
  const double magnitude =
      exponent == 0 ? std::ldexp(fraction, 1 - bias - format.significand)
                    : std::ldexp(std::ldexp(1.0, format.significand) + fraction, exponent - bias - format.significand);
  return (bits & format.sign()) != 0 ? -magnitude : magnitude;
}

}  // namespace emulated

namespace peakproof::kernels::wgmma {

inline constexpr bool available = true;

inline void publish_shared() { emulated::published = true; }
inline void fence() { emulated::fenced = true; }
inline void commit() {
  emulated::pending += emulated::uncommitted > 0 ? 1 : 0;
  emulated::uncommitted = 0;
}
template <int left>
void wait() {
  emulated::pending = std::min(emulated::pending, left);
}
template <typename Register, int count>
void pin(Register (&/*d*/)[count]) {}

inline std::uint64_t descriptor_128b(const void* shared_tile) {
  return descriptor_128b_at(
      static_cast<std::uint32_t>(static_cast<const std::uint8_t*>(shared_tile) - emulated::block->shared_begin));
}

template <Type type>
std::uint32_t bits_of(Accumulator<type> d) {
  emulated::require(emulated::pending == 0 && emulated::uncommitted == 0, "an accumulator is read before it is ready");
  std::uint32_t bits = 0;
  std::memcpy(&bits, &d, sizeof bits);
  return bits;
}

namespace detail {

constexpr NumberFormat operand_format(Type type) {
  switch (type) {
    case Type::bf16:
      return number_format(Format::bf16);
    case Type::tf32:
      return number_format(Format::f32);
    case Type::e4m3:
      return number_format(Format::e4m3);
    case Type::e5m2:
      return number_format(Format::e5m2);
    case Type::s8:
      return number_format(Format::s8);
    default:
      return number_format(Format::f16);
  }
}

/// An element of a K-major matrix in shared memory, by its descriptor's fields.
template <Type type>
double element_in_shared(std::uint64_t descriptor, int row, int byte) {
  emulated::require(descriptor >> 62U == 1 && (descriptor >> 49U & 7U) == 0, "a descriptor of another swizzle");
  const std::uint64_t start = (descriptor & 0x3FFFU) << 4U;
  const std::uint64_t group_stride = (descriptor >> 32U & 0x3FFFU) << 4U;
  const auto r = static_cast<std::uint64_t>(row);
  std::uint64_t address = start + r / 8 * group_stride + r % 8 * 128 + static_cast<std::uint64_t>(byte);
  address ^= (address >> 7U & 7U) << 4U;
  const std::uint8_t* at = emulated::block->shared_begin + address;
  emulated::require(at + element_bytes(type) <= emulated::block->shared_end, "an operand beyond the shared memory");
  std::uint32_t bits = 0;
  std::memcpy(&bits, at, static_cast<std::size_t>(element_bytes(type)));
  return emulated::number(operand_format(type), bits);
}

/// An element of A in the registers of the warpgroup: thread 32 (row / 16) + 4 (row % 8) + byte % 16 / 4.
template <Type type>
double element_in_registers(int row, int byte) {
  const auto thread = static_cast<std::size_t>(row / 16 * 32 + row % 8 * 4 + byte % 16 / 4);
  const auto index = static_cast<std::size_t>((row % 16 >= 8 ? 1 : 0) + (byte >= 16 ? 2 : 0));
  const std::uint32_t bits = emulated::warpgroup.a[thread][index] >> static_cast<unsigned>(byte % 4 * 8);
  return emulated::number(operand_format(type), static_cast<std::uint32_t>(bits & operand_format(type).mask()));
}

/// The column of the whole A of a stored element.
template <Type type>
int whole_column(int row, int column) {
  constexpr int per_group = type == Type::tf32 ? 1 : 2;
  const int group = column / per_group;
  const int upper = row % 16 >= 8 ? 1 : 0;
  int thread = row / 16 * 32 + row % 8 * 4;
  int bit = 0;
  if constexpr (element_bytes(type) == 1) {
    thread += group / 8 * 2 + upper;
    bit = group % 8 * 4;
  } else {
    thread += group / 4;
    bit = 16 * upper + group % 4 * 4;
  }
  const std::uint32_t four = emulated::warpgroup.metadata[static_cast<std::size_t>(thread)] >> unsigned(bit) & 15U;
  if constexpr (type == Type::tf32) {
    emulated::require(four == 0x4 || four == 0xE, "metadata that TF32 does not know");
    return 2 * group + (four == 0xE ? 1 : 0);
  } else {
    emulated::require((four & 3U) < four >> 2U, "metadata that does not ascend");
    return 4 * group + static_cast<int>(column % 2 == 0 ? four & 3U : four >> 2U);
  }
}

template <Type type, int n, bool sparse, class A>
void issue(Accumulator<type> (&d)[accumulators(type, n)], const A& a, std::uint64_t b, std::uint32_t metadata) {
  constexpr bool in_registers = !std::is_same_v<A, std::uint64_t>;
  emulated::require(emulated::published && emulated::fenced, "a multiply without the fences before it");
  const std::size_t self = threadIdx.x;
  auto& group = emulated::warpgroup;
  __syncthreads();  // all have done with the instruction before
  if constexpr (in_registers) {
    for (std::size_t i = 0; i < 4; ++i) group.a[self][i] = a[i];
    group.descriptors[self] = {b, b};
  } else {
    group.descriptors[self] = {a, b};
  }
  group.metadata[self] = metadata;
  __syncthreads();
  emulated::require(group.descriptors[self] == group.descriptors[0], "descriptors that are not those of the warpgroup");

  const auto sum_of = [&](int row, int column) {
    double sum = 0;
    constexpr int bytes = element_bytes(type);
    for (int stored = 0; stored < slice_bytes / bytes; ++stored) {
      double left = 0;
      if constexpr (in_registers) {
        left = element_in_registers<type>(row, stored * bytes);
      } else {
        left = element_in_shared<type>(a, row, stored * bytes);
      }
      int whole = stored;
      if constexpr (sparse) whole = whole_column<type>(row, stored);
      sum += left * element_in_shared<type>(b, column, whole * bytes);
    }
    return sum;
  };
  const int thread = static_cast<int>(self);
  for (int i = 0; i < accumulators(type, n); ++i) {
    const int per_register = type == Type::f16_acc16 ? 2 : 1;
    for (int part = 0; part < per_register; ++part) {
      const int element = i * per_register + part;
      const int row = thread / 32 * 16 + thread % 32 / 4 + element / 2 % 2 * 8;
      const int column = element / 4 * 8 + thread % 4 * 2 + element % 2;
      const double sum = sum_of(row, column);
      if constexpr (type == Type::f16_acc16) {
        const NumberFormat half = number_format(Format::f16);
        const auto shift = static_cast<unsigned>(16 * part);
        const double now = emulated::number(half, d[i] >> shift & 0xFFFFU) + sum;
        d[i] = (d[i] & ~(0xFFFFU << shift)) | static_cast<std::uint32_t>(half.encode(static_cast<std::int64_t>(now)))
                                                  << shift;
      } else if constexpr (type == Type::s8) {
        d[i] = static_cast<std::int32_t>(static_cast<std::uint32_t>(static_cast<std::int64_t>(sum)) +
                                         static_cast<std::uint32_t>(d[i]));
      } else {
        d[i] = static_cast<float>(static_cast<double>(d[i]) + sum);
      }
    }
  }
  ++emulated::uncommitted;
}

}  // namespace detail

template <Type type, int n, class A>
void multiply(Accumulator<type> (&d)[accumulators(type, n)], const A& a, std::uint64_t b) {
  detail::issue<type, n, false>(d, a, b, 0);
}
template <Type type, int n, class A>
void multiply_sparse(Accumulator<type> (&d)[accumulators(type, n)], const A& a, std::uint64_t b,
                     std::uint32_t metadata) {
  detail::issue<type, n, true>(d, a, b, metadata);
}

}  // namespace peakproof::kernels::wgmma
