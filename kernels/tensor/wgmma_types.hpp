// What Hopper's warpgroup matrix multiply (wgmma) takes, and where it has the elements. PTX ISA 9.0, "Asynchronous
// Warpgroup Level Matrix Instructions"; the registers of A and the metadata also as CUTLASS has them (ALayout_64x8 to
// _64x64 in mma_traits_sm90_gmma.hpp, ELayout_64x16 to _64x64 in mma_traits_sm90_gmma_sparse.hpp).
//
// Thread t of the 128, with row = 16 (t / 32) + t % 32 / 4 and pair = t % 4:
//   D of 32 bits   d[4 i + 2 h + e] is (row + 8 h, column 8 i + 2 pair + e)     h and e are 0 or 1
//   D of 16 bits   d[2 i + h] holds (row + 8 h, columns 8 i + 2 pair and the next), the lower column in the lower half
//   A              a[2 j + h] holds, of row + 8 h, the 4 bytes from byte 4 pair + 16 j on, of the instruction's 32
//   metadata       4 bits for every 4 columns of the whole A (of TF32: every 2), the lowest columns in the lowest bits.
//                  Of 8 bits: row + 8 (t % 2), from column 32 (t / 2 % 2) on. Else row in the lower half and row + 8 in
//                  the upper, the first half of the columns in threads with pair 0, the second in those with pair 1
#pragma once

#include <cstdint>
#include <type_traits>

namespace peakproof::kernels::wgmma {

/// What A and B hold. The accumulators are FP32, of s8 INT32, and of f16_acc16 FP16 in pairs.
enum class Type { f16, bf16, tf32, e4m3, e5m2, s8, f16_acc16 };

/// Rows of A and D, and the threads that issue an instruction together.
inline constexpr int rows = 64;
inline constexpr int threads = 128;
/// Of a row that one instruction takes: of A, stored without its zeros where it is sparse, and of a dense B.
inline constexpr int slice_bytes = 32;

/// Bytes of an element in shared memory and registers; TF32 fills 32 bits.
[[nodiscard]] constexpr int element_bytes(Type type) {
  if (type == Type::tf32) return 4;
  return type == Type::f16 || type == Type::bf16 || type == Type::f16_acc16 ? 2 : 1;
}
/// K of one instruction. That of a 2:4 sparse A, zeros included, is twice that of a dense one.
[[nodiscard]] constexpr int instruction_k(Type type, bool sparse = false) {
  return (sparse ? 2 : 1) * slice_bytes / element_bytes(type);
}
/// One accumulator register.
template <Type type>
using Accumulator = std::conditional_t<type == Type::s8, std::int32_t,
                                       std::conditional_t<type == Type::f16_acc16, std::uint32_t, float>>;
/// Accumulator registers of a thread.
[[nodiscard]] constexpr int accumulators(Type type, int n) { return type == Type::f16_acc16 ? n / 4 : n / 2; }

/// Bytes of a row of a tile in the 128-byte swizzle; 8 rows are one group of 1024 bytes.
inline constexpr int tile_row_bytes = 128;
/// Where byte `byte` (0 to 127) of a row of such a tile lies: the 16-byte chunks of a row change places by the row's
/// number in its group.
[[nodiscard]] constexpr int swizzled_128b(int row, int byte) { return row * tile_row_bytes + (byte ^ (row % 8 * 16)); }

/// The descriptor of a K-major tile in that swizzle: `address` in shared memory, a multiple of 1024 bytes, of rows (of M or
/// N) of 128 bytes. The next slice of 32 bytes is the descriptor + 2, the next 64 rows are + 512.
[[nodiscard]] constexpr std::uint64_t descriptor_128b_at(std::uint32_t address) {
  constexpr std::uint64_t swizzle_128b = std::uint64_t{1} << 62U;
  constexpr std::uint64_t group_stride = std::uint64_t{1024 / 16} << 32U;  // from 8 rows to the next 8
  constexpr std::uint64_t leading = std::uint64_t{1} << 16U;               // means nothing for a swizzled K-major tile
  return swizzle_128b | group_stride | leading | ((address & 0x3FFFFU) >> 4U);
}

}  // namespace peakproof::kernels::wgmma
