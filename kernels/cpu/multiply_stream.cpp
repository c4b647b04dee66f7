#include "kernels/cpu/multiply_stream.hpp"

namespace peakproof::kernels::cpu {

// xmm0 to xmm11 are the chains, xmm12 is the factor. Zero times zero: no rounding, no slow operands.
void MultiplyStream::run() const {
#if defined(__x86_64__)
  asm volatile(
      ".irp reg,0,1,2,3,4,5,6,7,8,9,10,11,12\n\t"
      "xorps %%xmm\\reg, %%xmm\\reg\n\t"
      ".endr"
      :
      :
      : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12");
  for (std::int64_t trip = 0; trip < trips; ++trip) {
    asm volatile(
        ".rept 10\n\t"
        ".irp reg,0,1,2,3,4,5,6,7,8,9,10,11\n\t"
        "mulps %%xmm12, %%xmm\\reg\n\t"
        ".endr\n\t"
        ".endr"
        :
        :
        : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12");
  }
#endif
}

}  // namespace peakproof::kernels::cpu
