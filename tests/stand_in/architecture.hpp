// The stand-in's own, small table of what an SM can do. It is not the program's: where the two disagree, a test fails.
#pragma once

#include <array>
#include <cstddef>

namespace peakproof::stand_in {

/// What arithmetic chains are made of, by the rate at which an SM takes it.
enum class Instruction {
  ffma,        ///< and FADD, FMUL
  dfma,        ///< FP64
  ffma2,       ///< FP32 in pairs
  hfma2,       ///< FP16 in pairs, HFMA2 and HFMA2.MMA together
  hfma2_bf16,  ///< BF16 in pairs
  imad,
  iadd3,      ///< of three addends
  iadd3_two,  ///< of two, none of which goes to another pipe
  lop3,       ///< and SHF
  idp4a,
  mufu,  ///< the special functions
  shfl,
  f2f,     ///< FP32 to FP16 and to integers
  f2f_64,  ///< between FP64 and FP32
  i2f,     ///< integers to FP32
  prmt,    ///< 16-bit integers to 32 bits
  f2fp,    ///< two FP32 to a pair of FP16
};
inline constexpr std::size_t kInstructions = 17;

struct Architecture {
  int major;
  int minor;
  double mma_fp16;   ///< dense FP16 FMA with FP32 accumulate per clock and SM, by mma.sync
  double gemm_fp16;  ///< the same by the fastest instruction there is, as a library uses it
  int threads;       ///< resident threads per SM
  int shared_kib;    ///< shared memory that a block can have
  int code;          ///< 10 x virtual architecture of the code that is loaded: that of the cubin, or 80 for PTX
  std::array<double, kInstructions> lanes;  ///< of each Instruction, per clock and SM; 0: it has none

  /// Threads that an SM takes through this instruction in a clock; 0 where it has none.
  [[nodiscard]] double rate(Instruction instruction) const { return lanes[static_cast<std::size_t>(instruction)]; }
};

/// The played one. An unknown compute capability runs like 9.0: it has no theory, but it has a speed.
[[nodiscard]] const Architecture& architecture();

}  // namespace peakproof::stand_in
