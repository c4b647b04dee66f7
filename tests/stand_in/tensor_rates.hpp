// The stand-in's own, small table of what the tensor cores of an SM can do, by type. It is not the program's: where the two
// disagree, a test fails.
#pragma once

namespace peakproof::stand_in {

/// What is multiplied, and summed in FP32, FP64 or INT32 unless it says acc16.
enum class TensorType { fp16, fp16_acc16, bf16, tf32, fp64, int8, int4, b1, fp8, fp8_acc16, fp6, fp4 };

/// Dense multiply-adds per clock and SM through mma.sync on the played device; 0 where it has no such instruction. 2:4
/// sparse ones run at twice the rate.
[[nodiscard]] double mma_rate(TensorType type);
/// The same through the fastest instruction there is (wgmma on 9.0, tcgen05 on 10.0), as a library uses it.
[[nodiscard]] double tensor_rate(TensorType type);

}  // namespace peakproof::stand_in
