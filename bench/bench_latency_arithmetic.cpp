// How long does an instruction take, from one that needs its result?
#include "bench/harness/cuda_latency.hpp"
#include "kernels/arithmetic/bf16_fma.hpp"
#include "kernels/arithmetic/convert.hpp"
#include "kernels/arithmetic/dp4a.hpp"
#include "kernels/arithmetic/fp16_fma.hpp"
#include "kernels/arithmetic/fp32_fma.hpp"
#include "kernels/arithmetic/fp64_fma.hpp"
#include "kernels/arithmetic/int32_add.hpp"
#include "kernels/arithmetic/int32_logic.hpp"
#include "kernels/arithmetic/int32_mad.hpp"
#include "kernels/arithmetic/sfu_latency.hpp"
#include "kernels/arithmetic/shuffle.hpp"

namespace peakproof::bench {

void declare_latency_arithmetic_cuda(Registry& registry, CudaDevice& device) {
  using namespace kernels;  // NOLINT(google-build-using-namespace): a list of their names
  constexpr theory::ComputeCapability kPackedBf16{8, 0};
  add_cuda_latency<Fp32Fma>(registry, device, "fp32_fma");
  add_cuda_latency<Fp64Fma>(registry, device, "fp64_fma");
  // Where the compiler sends every second one to the other unit, there is no chain of one of them alone.
  const auto cc = device.spec().compute_capability;
  const std::string in_turn = "HFMA2 and HFMA2.MMA in turn: the mean of both";
  constexpr theory::ComputeCapability kA100{8, 0};
  constexpr theory::ComputeCapability kH100{9, 0};
  add_cuda_latency<Fp16x2Fma>(registry, device, "fp16x2_fma", cc == kA100 || cc == kH100 ? in_turn : "");
  if (cc >= kPackedBf16)
    add_cuda_latency<Bf16x2Fma>(registry, device, "bf16x2_fma", cc == kH100 ? in_turn : "");
  else
    registry.add({.name = "latency_arithmetic",
                  .params = {{"instruction", "bf16x2_fma"}},
                  .skip = "there is no packed BF16 arithmetic before compute capability 8.0"});
  add_cuda_latency<Int32Mad>(registry, device, "int32_mad");
  add_cuda_latency<Int32Add>(registry, device, "int32_add");
  add_cuda_latency<Int32Logic>(registry, device, "int32_logic");
  add_cuda_latency<Dp4a>(registry, device, "dp4a");
  add_cuda_latency<Shuffle>(registry, device, "shuffle");
  add_cuda_latency<LatencyEx2, Fp32Fma>(registry, device, "sfu_ex2");
  add_cuda_latency<LatencyLg2, Fp32Fma>(registry, device, "sfu_lg2");
  add_cuda_latency<LatencyRcp, Fp32Fma>(registry, device, "sfu_rcp");
  add_cuda_latency<LatencyRsqrt, Fp32Fma>(registry, device, "sfu_rsqrt");
  add_cuda_latency<LatencySin, Fp32Fma>(registry, device, "sfu_sin", "with the multiplication by 1 / 2 pi before it");
  add_cuda_latency<LatencyTanh, Fp32Fma>(registry, device, "sfu_tanh");
  add_cuda_latency<ConvertF32ToS32, Int32Mad, Int32Logic>(registry, device, "convert_f32_to_s32");
  add_cuda_latency<ConvertF32ToF16, Int32Mad, Int32Logic>(registry, device, "convert_f32_to_f16");
  add_cuda_latency<ConvertS32ToF32, Int32Mad>(registry, device, "convert_s32_to_f32");
  add_cuda_latency<ConvertS16ToS32, Int32Mad>(registry, device, "convert_s16_to_s32");
  add_cuda_latency<ConvertF64ToF32, Int32Mad, Int32Logic>(registry, device, "convert_f64_to_f32");
  add_cuda_latency<ConvertF32ToF64, Int32Mad, Int32Logic, Int32Logic>(registry, device, "convert_f32_to_f64");
}

}  // namespace peakproof::bench
