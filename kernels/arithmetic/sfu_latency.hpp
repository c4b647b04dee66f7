// Special function latency: the six operations. The kernels' data sheet is in sfu_latency.cu.
#pragma once

#include <cstdint>

#include "kernels/arithmetic/fp32_fma.hpp"
#include "kernels/arithmetic/special_function.hpp"

namespace peakproof::kernels {

/// The base of the operations, which add their name, their function and its two constants. What a result is, only the
/// device knows to the last bit: it replays the chain itself.
struct SfuLatency {
  using Value = float;
  using Bits = std::uint32_t;
  struct Argument {
    float a = 0;
    float b = 0;
  };
  static constexpr bool replayed_on_device = true;
  static constexpr int operations = 1;
  static constexpr int body = 128;

  /// Within the interval that every one of the maps has.
  static constexpr Value seed(int lane, int chain) { return 0.35F + Fp32Fma::seed(lane, chain); }
  static Bits fold(Bits folded, Value x) { return Fp32Fma::fold(folded, x); }
  /// Of the bits of one chain's value.
  static constexpr bool finite(Bits bits) { return (bits & 0x7f800000U) != 0x7f800000U; }
};

struct LatencyEx2 : SfuLatency {
  static constexpr const char* name = "LatencyEx2";
  static constexpr SpecialFunction function = SpecialFunction::ex2;
  static constexpr Argument argument = {4.0F, -3.0F};
};

struct LatencyLg2 : SfuLatency {
  static constexpr const char* name = "LatencyLg2";
  static constexpr SpecialFunction function = SpecialFunction::lg2;
  static constexpr Argument argument = {0.0F, 0.3F};
};

struct LatencyRcp : SfuLatency {
  static constexpr const char* name = "LatencyRcp";
  static constexpr SpecialFunction function = SpecialFunction::rcp;
  static constexpr Argument argument = {-1.0F, 0.7F};
};

struct LatencyRsqrt : SfuLatency {
  static constexpr const char* name = "LatencyRsqrt";
  static constexpr SpecialFunction function = SpecialFunction::rsqrt;
  static constexpr Argument argument = {1.0F, -1.5F};
};

struct LatencySin : SfuLatency {
  static constexpr const char* name = "LatencySin";
  static constexpr SpecialFunction function = SpecialFunction::sin;
  static constexpr Argument argument = {3.2F, 0.3F};
};

struct LatencyTanh : SfuLatency {
  static constexpr const char* name = "LatencyTanh";
  static constexpr SpecialFunction function = SpecialFunction::tanh;
  static constexpr Argument argument = {-2.6F, 1.0F};
};

}  // namespace peakproof::kernels
