// Which architectures have an instruction of their own for an operation, as the machine code shows (the audit claims it).
// Elsewhere the compiler makes a longer sequence of other instructions, or refuses.
#pragma once

#include <cuda_runtime_api.h>

namespace peakproof::kernels {

/// Architectures as 10 x major + minor: from `first` to `last`, and again from `again` on.
struct Native {
  static constexpr int kNever = 1000;
  int first = 80;
  int last = kNever - 1;
  int again = kNever;
  /// The same, but nowhere where the toolkit is older (12080: CUDA 12.8) and its assembler does not know the instruction.
  [[nodiscard]] constexpr Native since(int toolkit) const { return CUDART_VERSION >= toolkit ? *this : Native{kNever}; }
  [[nodiscard]] constexpr bool on(int architecture) const {
    return (architecture >= first && architecture <= last) || architecture >= again;
  }
};

}  // namespace peakproof::kernels
