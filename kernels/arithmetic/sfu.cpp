// The answer of sfu.cu: its operands as in fp32_fma, its results by the host's own functions.
#include "kernels/arithmetic/sfu.hpp"

namespace peakproof::kernels {
namespace {

/// Brent's cycle detection: the value is compared with one that was kept, and the kept one is renewed after 1, 2, 4 …
/// steps, so that it lies in the cycle sooner or later.
Sfu::Value advanced(SpecialFunction function, Sfu::Value v, std::int64_t steps) {
  Sfu::Value kept = v;
  std::int64_t since = 0;
  std::int64_t renewal = 1;
  while (steps > 0) {
    v = Sfu::step(function, v);
    --steps;
    ++since;
    if (v.x == kept.x) {
      v.sum += (v.sum - kept.sum) * static_cast<std::uint32_t>(steps / since);
      steps %= since;
      kept.x = 3;  // a value that no chain has
    } else if (since == renewal) {
      kept = v;
      since = 0;
      renewal *= 2;
    }
  }
  return v;
}

}  // namespace

void Sfu::advance(SpecialFunction function, std::array<Value, Chain<Sfu>::lanes>& lanes, std::int64_t steps) {
  for (Value& lane : lanes) lane = advanced(function, lane, steps);
}

}  // namespace peakproof::kernels
