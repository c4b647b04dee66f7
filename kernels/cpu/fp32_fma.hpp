// FP32 fused multiply-add rate of one CPU thread: parameters, work, run and answer. The kernel and its data sheet are
// in fp32_fma.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace peakproof::kernels::cpu {

/// The arithmetic of a chain. Both stay bounded, keep changing and never settle, so that every step shows in the
/// answer.
enum class ChainLaw {
  square,    ///< x <- fma(x, x, c): chaotic. Needs an FMA that may overwrite a factor (x86 FMA3, SVE)
  rotation,  ///< q <- fma(k, p, q), then p <- fma(-k, q, p): for NEON, whose FMLA can only overwrite the addend
};

/// What Highway's target for this CPU makes of the kernel.
struct Fp32FmaShape {
  std::string target;  ///< Highway's name of it, e.g. "AVX3"
  int lanes = 0;       ///< FP32 values in a vector; 0: this CPU has no fused multiply-add that the kernel could use
  int chains = 0;      ///< independent accumulators: as many vectors are in flight
  ChainLaw law = ChainLaw::square;
  [[nodiscard]] int simd_bits() const { return 32 * lanes; }
};

struct Fp32Fma {
  static constexpr const char* symbol = "cpu_fp32_fma";
  static constexpr int max_chains = 28;
  static constexpr int steps_per_trip = 8;  ///< unrolled: one trip of the loop is chains x steps_per_trip vector FMA
  static constexpr float c = -1.9F;         ///< of ChainLaw::square; |x| < 2 always
  static constexpr float k = 0.7F;          ///< of ChainLaw::rotation; |x| < 3 always
  using Bits = std::uint32_t;

  std::int64_t trips = 1;

  /// The shape on this CPU. It does not change while the program runs.
  [[nodiscard]] static Fp32FmaShape shape();
  /// The value that a chain starts from in one lane: distinct for all of them (up to 64 lanes), within (0, 0.9].
  [[nodiscard]] static constexpr float seed(int lane, int chain) {
    return static_cast<float>(lane * max_chains + chain + 1) / 2048.0F;
  }
  /// All of them, lane by lane within chain by chain.
  [[nodiscard]] static std::vector<float> seeds(const Fp32FmaShape& shape);
  /// FLOP of one run of one thread: an FMA counts 2.
  [[nodiscard]] double operations_per_thread() const { return operations_per_thread(shape()); }
  [[nodiscard]] double operations_per_thread(const Fp32FmaShape& shape) const {
    return 2.0 * shape.lanes * shape.chains * steps_per_trip * static_cast<double>(trips);
  }
  /// Runs on the calling thread; per lane the bits of its chains, xor-folded. Empty where shape().lanes is 0.
  [[nodiscard]] std::vector<Bits> run() const;
  /// What run() must return on a CPU of that shape: replayed with std::fma, without Highway.
  [[nodiscard]] std::vector<Bits> answer(const Fp32FmaShape& shape) const;
  [[nodiscard]] std::vector<Bits> answer() const { return answer(shape()); }
};

}  // namespace peakproof::kernels::cpu
