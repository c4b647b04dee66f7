#include "theory/precision.hpp"

#include <gtest/gtest.h>

namespace peakproof::theory {
namespace {

TEST(Precision, NamesReadBack) {
  for (const Precision precision : kPrecisions) EXPECT_EQ(precision_from_name(name(precision)), precision);
  EXPECT_EQ(name(Precision::bf16), "bf16");
  EXPECT_FALSE(precision_from_name("FP16"));
  EXPECT_FALSE(precision_from_name(""));
}

TEST(Precision, Bytes) {
  const std::array bytes = {8.0, 4.0, 4.0, 2.0, 2.0, 1.0, 1.0, 0.5};
  for (std::size_t i = 0; i < kPrecisions.size(); ++i) EXPECT_EQ(bytes_per_number(kPrecisions[i]), bytes[i]);
}

TEST(Precision, PipesOfGpus) {
  const std::array names = {"tensor_fp64", "fp32_fma",   "tensor_tf32", "tensor_fp16",
                            "tensor_bf16", "tensor_fp8", "tensor_int8", "tensor_int4"};
  for (std::size_t i = 0; i < kPrecisions.size(); ++i)
    EXPECT_EQ(name(matrix_pipe(kPrecisions[i], DeviceKind::gpu).value()), names[i]);
}

TEST(Precision, CpusHaveRatesOfFp32AndFp64Alone) {
  for (const Precision precision : kPrecisions) {
    const auto pipe = matrix_pipe(precision, DeviceKind::cpu);
    if (precision == Precision::fp64) {
      EXPECT_EQ(pipe, Pipe::fp64_fma);
    } else if (precision == Precision::fp32) {
      EXPECT_EQ(pipe, Pipe::fp32_fma);
    } else {
      EXPECT_FALSE(pipe) << name(precision);
    }
  }
}

}  // namespace
}  // namespace peakproof::theory
