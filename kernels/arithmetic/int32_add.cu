// 32-bit integer addition rate.
//
//   idea     as int32_mad. The compiler folds a chain of plain additions, moves constants about, and makes every second
//            one an IMAD.IADD on another pipe; a sum of three cannot be either. On 12.x three addends run at half rate,
//            and the compiler leaves sums of two alone: there, and only there, two are measured (Int32AddTwo)
//   work     1 operation a step (three addends of which one is a constant count as one addition, as in the guide's
//            table)
//   machine  one trip of the loop is 512 IADD3, its counter (an IADD3 too, up to 8.9) and its branch. An IADD3 reads
//            two distinct registers and an immediate number (Int32AddTwo: RZ)
//   sass     sm_75,sm_80,sm_86,sm_89  step Int32Add  IADD3=1+1 IMAD=0 IMAD.IADD=0 CS2R=0 other<0.03
//   sass     sm_90a,sm_100a,sm_120a  step Int32Add  IADD3=1 IADD3.registers=2 IMAD=0 IMAD.IADD=0 CS2R=0 other<0.03
//   sass     sm_120a  step Int32AddTwo  IADD3=1 IADD3.sources=2 IMAD=0 IMAD.IADD=0 CS2R=0 other<0.03
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a  unused Int32AddTwo
//   limit    Pipe::int32_add
//   answer   z(t+1) = z(t) + z(t-1) + constant mod 2^32, as Fibonacci's numbers: it never settles, and the host replays
//            it bit for bit
#include "kernels/arithmetic/chain.cuh"
#include "kernels/arithmetic/int32_add.hpp"

namespace peakproof::kernels {

struct DeviceSum : EveryTripAlike {
  using Value = Int32Add::Value;
  std::uint32_t a;
  __device__ explicit DeviceSum(std::uint32_t argument) : a(argument) {}
  __device__ Value seed(int lane, int chain) const {
    const auto index = static_cast<std::uint32_t>(lane * Chain<Int32Add>::most_chains + chain + 1);
    return {index * a, index * Int32Add::constant};
  }
  __device__ static std::uint32_t fold(std::uint32_t folded, Value x) {
    return fold_bits(fold_bits(folded, x.before), x.now);
  }
};

template <>
struct DeviceOperation<Int32Add> : DeviceSum {
  using DeviceSum::DeviceSum;
  __device__ static Value step(Value x) { return {x.now, add_three<Int32Add::constant>(x.before, x.now)}; }
};

template <>
struct DeviceOperation<Int32AddTwo> : DeviceSum {
  using DeviceSum::DeviceSum;
  __device__ static Value step(Value x) {
    Value next{x.now, 0};
    asm("add.u32 %0, %1, %2;" : "=r"(next.now) : "r"(x.before), "r"(x.now));
    return next;
  }
};

template struct ChainFunctions<Int32Add>;
template struct ChainFunctions<Int32AddTwo>;

}  // namespace peakproof::kernels
