// The stand-in's own, small table of what an SM can do. It is not the program's: where the two disagree, a test fails.
#pragma once

namespace peakproof::stand_in {

struct Architecture {
  int major;
  int minor;
  double fp32_fma;   ///< results per clock and SM
  double mma_fp16;   ///< dense FP16 FMA with FP32 accumulate per clock and SM, by mma.sync
  double gemm_fp16;  ///< the same by the fastest instruction there is, as a library uses it
  int threads;       ///< resident threads per SM
  int shared_kib;    ///< shared memory that a block can have
  int code;          ///< 10 x virtual architecture of the code that is loaded: that of the cubin, or 80 for PTX
};

/// The played one. An unknown compute capability runs like 9.0: it has no theory, but it has a speed.
[[nodiscard]] const Architecture& architecture();

}  // namespace peakproof::stand_in
