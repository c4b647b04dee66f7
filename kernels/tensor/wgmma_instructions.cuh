// Hopper's warpgroup matrix multiply (wgmma), instruction by instruction, for every kernel that uses it.
//
// D (64 x n, in the registers of 128 threads) += A (64 x k) x B (k x n). B lies in shared memory, A there or in registers.
// Only sm_90a has these instructions; elsewhere `available` is false and each function is a trap, so that a kernel
// begins with `if constexpr (!wgmma::available)`. PTX ISA 9.0, "Asynchronous Warpgroup Level Matrix Instructions".
//
// Where a matrix's elements lie in registers and in shared memory: wgmma_types.hpp.
#pragma once

#include <cstdint>
#include <type_traits>

#include "kernels/tensor/wgmma_types.hpp"

namespace peakproof::kernels::wgmma {

#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
inline constexpr bool available = true;
#else
inline constexpr bool available = false;
#endif

/// Before the first multiply, and whenever registers (accumulators or A) were written by anything but a multiply.
__device__ __forceinline__ void fence() {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
#else
  __trap();
#endif
}

/// Closes the group of the multiplies since the last commit.
__device__ __forceinline__ void commit() {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
#else
  __trap();
#endif
}

/// Until at most `pending` groups, the latest, are under way.
template <int pending>
__device__ __forceinline__ void wait() {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(pending) : "memory");
#else
  __trap();
#endif
}

/// Makes this thread's ordinary writes to shared memory visible to multiplies; a barrier comes after it.
__device__ __forceinline__ void publish_shared() {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
#else
  __trap();
#endif
}

/// Keeps the compiler from moving what touches an accumulator over this point.
template <typename Register, int count>
__device__ __forceinline__ void pin(Register (&d)[count]) {
#pragma unroll
  for (int i = 0; i < count; ++i) {
    if constexpr (std::is_same_v<Register, float>) {
      asm volatile("" : "+f"(d[i])::"memory");
    } else {
      asm volatile("" : "+r"(d[i])::"memory");
    }
  }
}

/// The descriptor of a tile in the 128-byte swizzle (descriptor_128b_at).
__device__ __forceinline__ std::uint64_t descriptor_128b(const void* shared_tile) {
  return descriptor_128b_at(static_cast<std::uint32_t>(__cvta_generic_to_shared(shared_tile)));
}

/// The bits of an accumulator; 0 without a sign.
template <Type type>
__device__ __forceinline__ std::uint32_t bits_of(Accumulator<type> d) {
  if constexpr (type == Type::f16_acc16) {
    std::uint32_t sum = 0;
    asm("add.rn.f16x2 %0, %1, %2;" : "=r"(sum) : "r"(d), "r"(0));
    return sum;
  } else if constexpr (type == Type::s8) {
    return static_cast<std::uint32_t>(d);
  } else {
    return __float_as_uint(d + 0.0F);
  }
}

namespace detail {

/// The instructions with `count` accumulator registers in a thread.
template <int count>
struct Issue;

// One asm statement names every register of its accumulators, and no function or loop can write that: hence these
// macros, which end with the file. D<count> is the list of operands of constraint c, R<count> their names in the text.
#define PEAKPROOF_D2(c, i) c(d[i]), c(d[(i) + 1])
#define PEAKPROOF_D4(c, i) PEAKPROOF_D2(c, i), PEAKPROOF_D2(c, (i) + 2)
#define PEAKPROOF_D8(c, i) PEAKPROOF_D4(c, i), PEAKPROOF_D4(c, (i) + 4)
#define PEAKPROOF_D16(c, i) PEAKPROOF_D8(c, i), PEAKPROOF_D8(c, (i) + 8)
#define PEAKPROOF_D32(c, i) PEAKPROOF_D16(c, i), PEAKPROOF_D16(c, (i) + 16)
#define PEAKPROOF_D64(c, i) PEAKPROOF_D32(c, i), PEAKPROOF_D32(c, (i) + 32)
#define PEAKPROOF_D128(c, i) PEAKPROOF_D64(c, i), PEAKPROOF_D64(c, (i) + 64)
#define PEAKPROOF_R2 "%0,%1"
#define PEAKPROOF_R4 PEAKPROOF_R2 ",%2,%3"
#define PEAKPROOF_R8 PEAKPROOF_R4 ",%4,%5,%6,%7"
#define PEAKPROOF_R16 PEAKPROOF_R8 ",%8,%9,%10,%11,%12,%13,%14,%15"
#define PEAKPROOF_R32 PEAKPROOF_R16 ",%16,%17,%18,%19,%20,%21,%22,%23,%24,%25,%26,%27,%28,%29,%30,%31"
#define PEAKPROOF_R64                                                \
  PEAKPROOF_R32                                                      \
  ",%32,%33,%34,%35,%36,%37,%38,%39,%40,%41,%42,%43,%44,%45,%46,%47" \
  ",%48,%49,%50,%51,%52,%53,%54,%55,%56,%57,%58,%59,%60,%61,%62,%63"
#define PEAKPROOF_R128                                                           \
  PEAKPROOF_R64                                                                  \
  ",%64,%65,%66,%67,%68,%69,%70,%71,%72,%73,%74,%75,%76,%77,%78,%79"             \
  ",%80,%81,%82,%83,%84,%85,%86,%87,%88,%89,%90,%91,%92,%93,%94,%95"             \
  ",%96,%97,%98,%99,%100,%101,%102,%103,%104,%105,%106,%107,%108,%109,%110,%111" \
  ",%112,%113,%114,%115,%116,%117,%118,%119,%120,%121,%122,%123,%124,%125,%126,%127"

#define PEAKPROOF_ASM(c, count, s, shape, operands, tail, ...)                                             \
  asm volatile("{.reg .pred p;\nsetp.ne.b32 p, %" #s ", 0;\nwgmma.mma_async" shape " {" PEAKPROOF_R##count \
               "}, " operands ", p" tail ";}"                                                              \
               : PEAKPROOF_D##count(c, 0)                                                                  \
               : __VA_ARGS__)

// By type: its name, and what follows scale-d, which is the signs of A and B (1: as they are) and for 16 bits whether a
// matrix in shared memory is transposed (0: K-major).
#define PEAKPROOF_TYPES(count, n32, n16, s, form, k4, k2, k1, operands, trans, ...)                             \
  if constexpr (type == Type::f16)                                                                              \
    PEAKPROOF_ASM("+f", count, s, form "m64n" #n32 k2 ".f32.f16.f16", operands, ", 1, 1" trans, __VA_ARGS__);   \
  if constexpr (type == Type::bf16)                                                                             \
    PEAKPROOF_ASM("+f", count, s, form "m64n" #n32 k2 ".f32.bf16.bf16", operands, ", 1, 1" trans, __VA_ARGS__); \
  if constexpr (type == Type::tf32)                                                                             \
    PEAKPROOF_ASM("+f", count, s, form "m64n" #n32 k4 ".f32.tf32.tf32", operands, ", 1, 1", __VA_ARGS__);       \
  if constexpr (type == Type::e4m3)                                                                             \
    PEAKPROOF_ASM("+f", count, s, form "m64n" #n32 k1 ".f32.e4m3.e4m3", operands, ", 1, 1", __VA_ARGS__);       \
  if constexpr (type == Type::e5m2)                                                                             \
    PEAKPROOF_ASM("+f", count, s, form "m64n" #n32 k1 ".f32.e5m2.e5m2", operands, ", 1, 1", __VA_ARGS__);       \
  if constexpr (type == Type::s8)                                                                               \
    PEAKPROOF_ASM("+r", count, s, form "m64n" #n32 k1 ".s32.s8.s8", operands, "", __VA_ARGS__);                 \
  if constexpr (type == Type::f16_acc16)                                                                        \
  PEAKPROOF_ASM("+r", count, s, form "m64n" #n16 k2 ".f16.f16.f16", operands, ", 1, 1" trans, __VA_ARGS__)

// The four forms. n32 and n16 are n with accumulators of 32 and of 16 bits; the rest are the numbers of the operands:
// scale-d, B's descriptor, A's descriptor or four registers, and the metadata, which lie behind A of one or of four.
#define PEAKPROOF_WGMMA(count, n32, n16, s, b, a0, a1, a2, a3, m)                                                     \
  template <>                                                                                                         \
  struct Issue<count> {                                                                                               \
    template <Type type>                                                                                              \
    __device__ static void dense(Accumulator<type> (&d)[count], std::uint64_t a_desc, std::uint64_t b_desc,           \
                                 int scale_d) {                                                                       \
      PEAKPROOF_TYPES(count, n32, n16, s, ".sync.aligned.", "k8", "k16", "k32", "%" #a0 ", %" #b, ", 0, 0",           \
                      "r"(scale_d), "l"(b_desc), "l"(a_desc));                                                        \
    }                                                                                                                 \
    template <Type type>                                                                                              \
    __device__ static void dense(Accumulator<type> (&d)[count], const std::uint32_t (&a)[4], std::uint64_t b_desc,    \
                                 int scale_d) {                                                                       \
      PEAKPROOF_TYPES(count, n32, n16, s, ".sync.aligned.", "k8", "k16", "k32",                                       \
                      "{%" #a0 ", %" #a1 ", %" #a2 ", %" #a3 "}, %" #b, ", 0", "r"(scale_d), "l"(b_desc), "r"(a[0]),  \
                      "r"(a[1]), "r"(a[2]), "r"(a[3]));                                                               \
    }                                                                                                                 \
    template <Type type>                                                                                              \
    __device__ static void sparse(Accumulator<type> (&d)[count], std::uint64_t a_desc, std::uint64_t b_desc,          \
                                  std::uint32_t metadata, int scale_d) {                                              \
      PEAKPROOF_TYPES(count, n32, n16, s, ".sp.sync.aligned.", "k16", "k32", "k64", "%" #a0 ", %" #b ", %" #a1 ", 0", \
                      ", 0, 0", "r"(scale_d), "l"(b_desc), "l"(a_desc), "r"(metadata));                               \
    }                                                                                                                 \
    template <Type type>                                                                                              \
    __device__ static void sparse(Accumulator<type> (&d)[count], const std::uint32_t (&a)[4], std::uint64_t b_desc,   \
                                  std::uint32_t metadata, int scale_d) {                                              \
      PEAKPROOF_TYPES(count, n32, n16, s, ".sp.sync.aligned.", "k16", "k32", "k64",                                   \
                      "{%" #a0 ", %" #a1 ", %" #a2 ", %" #a3 "}, %" #b ", %" #m ", 0", ", 0", "r"(scale_d),           \
                      "l"(b_desc), "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(metadata));                        \
    }                                                                                                                 \
  };

#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
PEAKPROOF_WGMMA(2, 4, 8, 2, 3, 4, 5, 6, 7, 8)
PEAKPROOF_WGMMA(4, 8, 16, 4, 5, 6, 7, 8, 9, 10)
PEAKPROOF_WGMMA(8, 16, 32, 8, 9, 10, 11, 12, 13, 14)
PEAKPROOF_WGMMA(16, 32, 64, 16, 17, 18, 19, 20, 21, 22)
PEAKPROOF_WGMMA(32, 64, 128, 32, 33, 34, 35, 36, 37, 38)
PEAKPROOF_WGMMA(64, 128, 256, 64, 65, 66, 67, 68, 69, 70)
PEAKPROOF_WGMMA(128, 256, 512, 128, 129, 130, 131, 132, 133, 134)
#endif

#undef PEAKPROOF_WGMMA
#undef PEAKPROOF_TYPES
#undef PEAKPROOF_ASM
#undef PEAKPROOF_R128
#undef PEAKPROOF_R64
#undef PEAKPROOF_R32
#undef PEAKPROOF_R16
#undef PEAKPROOF_R8
#undef PEAKPROOF_R4
#undef PEAKPROOF_R2
#undef PEAKPROOF_D128
#undef PEAKPROOF_D64
#undef PEAKPROOF_D32
#undef PEAKPROOF_D16
#undef PEAKPROOF_D8
#undef PEAKPROOF_D4
#undef PEAKPROOF_D2

}  // namespace detail

/// D = A x B + D, or without D where `accumulate` is false; n of 8, 16, 32, 64, 128 or 256. A is a descriptor (shared
/// memory) or four registers, B a descriptor; all that `fence`, `commit` and `wait` say of them is up to the caller.
template <Type type, int n, typename A>
__device__ __forceinline__ void multiply(Accumulator<type> (&d)[accumulators(type, n)], const A& a, std::uint64_t b,
                                         bool accumulate = true) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  detail::Issue<accumulators(type, n)>::template dense<type>(d, a, b, accumulate ? 1 : 0);
#else
  __trap();
#endif
}

/// The same with a 2:4 sparse A, which is stored without its zeros, and twice the K of B. `metadata` is this thread's
/// part of the places of what is stored; of 16 and 32 bits, threads with t % 4 < 2 give it.
template <Type type, int n, typename A>
__device__ __forceinline__ void multiply_sparse(Accumulator<type> (&d)[accumulators(type, n)], const A& a,
                                                std::uint64_t b, std::uint32_t metadata, bool accumulate = true) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  detail::Issue<accumulators(type, n)>::template sparse<type>(d, a, b, metadata, accumulate ? 1 : 0);
#else
  __trap();
#endif
}

}  // namespace peakproof::kernels::wgmma
