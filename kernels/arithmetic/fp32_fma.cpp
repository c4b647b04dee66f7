// The answer of fp32_fma, by the host's std::fma.
#include "kernels/arithmetic/fp32_fma.hpp"

#include <cmath>

#include "kernels/arithmetic/chain_answer.hpp"

namespace peakproof::kernels {

std::array<std::uint32_t, Fp32Fma::lanes> Fp32Fma::answer() const {
  const auto seed = [](int lane, int chain) { return static_cast<float>(2 * (lane * chains + chain) + 1) * 0x1p-10F; };
  const auto step = [](float x) { return std::fma(x, x, c); };
  return chain_answer<std::uint32_t, lanes, chains>(std::int64_t{trips} * steps_per_trip, seed, step);
}

}  // namespace peakproof::kernels
