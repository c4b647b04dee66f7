// Special function latency: a chain of one MUFU and one FFMA.
//
//   idea     a chain of MUFU alone would settle on a fixed point, or be folded (1/(1/x)). An FFMA behind each makes a
//            map of it that never settles; the latency of the FFMA, measured beside it, is taken off
//   work     1 operation a step, the MUFU
//   machine  one trip of the loop is 128 (64) MUFU and FFMA in turn (sine: an FMUL before each MUFU), the counter and
//            the branch
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step LatencyEx2  MUFU.EX2=1 FFMA=1 FFMA.sources=3
//            other<0.05
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step LatencyLg2  MUFU.LG2=1 FFMA=1 FFMA.sources=2
//            other<0.05
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step LatencyRcp  MUFU.RCP=1 FFMA=1 FFMA.sources=3
//            other<0.05
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step LatencyRsqrt  MUFU.RSQ=1 FFMA=1 FFMA.sources=3
//            other<0.05
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step LatencySin  MUFU.SIN=1 FMUL=1 FFMA=1 FFMA.sources=3
//            other<0.05
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  step LatencyTanh  MUFU.TANH=1 FFMA=1 FFMA.sources=3
//            other<0.05
//   limit    none: a latency has no peak
//   answer   x <- a f(|x|) + b: expanding on its interval for ex2 (4 2^-|x| - 3) and tanh (1 - 2.6 tanh |x|), chaotic
//            for sin (3.2 sin x + 0.3), rsqrt (1/sqrt|x| - 1.5) and, squared, lg2 (log2(|x|)^2 + 0.3), a rotation for
//            rcp (0.7 - 1/x). The device replays it one step a trip: every lane must agree bit for bit, and stay finite
#include "kernels/arithmetic/chain.cuh"
#include "kernels/arithmetic/sfu_latency.hpp"
#include "kernels/arithmetic/special_function.cuh"

namespace peakproof::kernels {

template <class Op>
struct DeviceLatency : EveryTripAlike {
  using Value = float;
  float a;
  float b;
  __device__ explicit DeviceLatency(SfuLatency::Argument argument) : a(argument.a), b(argument.b) {}
  __device__ static float seed(int lane, int chain) { return SfuLatency::seed(lane, chain); }
  __device__ float step(float x) const {
    constexpr SpecialFunction f = Op::function;
    if constexpr (f == SpecialFunction::ex2) return __fmaf_rn(mufu<f>(-fabsf(x)), a, b);
    if constexpr (f == SpecialFunction::rcp || f == SpecialFunction::sin) return __fmaf_rn(mufu<f>(x), a, b);
    const float y = mufu<f>(fabsf(x));
    return __fmaf_rn(y, f == SpecialFunction::lg2 ? y : a, b);
  }
  __device__ static std::uint32_t fold(std::uint32_t folded, float x) { return fold_bits(folded, __float_as_uint(x)); }
};

template <>
struct DeviceOperation<LatencyEx2> : DeviceLatency<LatencyEx2> {
  using DeviceLatency::DeviceLatency;
};
template <>
struct DeviceOperation<LatencyLg2> : DeviceLatency<LatencyLg2> {
  using DeviceLatency::DeviceLatency;
};
template <>
struct DeviceOperation<LatencyRcp> : DeviceLatency<LatencyRcp> {
  using DeviceLatency::DeviceLatency;
};
template <>
struct DeviceOperation<LatencyRsqrt> : DeviceLatency<LatencyRsqrt> {
  using DeviceLatency::DeviceLatency;
};
template <>
struct DeviceOperation<LatencySin> : DeviceLatency<LatencySin> {
  using DeviceLatency::DeviceLatency;
};
template <>
struct DeviceOperation<LatencyTanh> : DeviceLatency<LatencyTanh> {
  using DeviceLatency::DeviceLatency;
};

template struct ChainFunctions<LatencyEx2>;
template struct ChainFunctions<LatencyLg2>;
template struct ChainFunctions<LatencyRcp>;
template struct ChainFunctions<LatencyRsqrt>;
template struct ChainFunctions<LatencySin>;
template struct ChainFunctions<LatencyTanh>;

}  // namespace peakproof::kernels
