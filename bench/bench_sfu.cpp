// How many special functions a second does the GPU do?
#include "bench/harness/cuda_chain.hpp"
#include "kernels/arithmetic/sfu.hpp"
#include "kernels/arithmetic/sfu_values.hpp"

namespace peakproof::bench {
namespace {

/// Single results, spread over four octaves of either sign, each within what is documented.
void verify_values(kernels::SpecialFunction function, CudaDevice& device, reports::Verification& result) {
  constexpr std::uint32_t kCount = 1U << 17U;
  constexpr std::uint32_t kStride = 257;
  constexpr std::uint32_t kEighth = 0x3e000000;  // 0.125, as bits
  constexpr std::uint32_t kSign = 0x80000000;
  const DeviceBuffer<std::uint32_t> out(kCount);
  for (const std::uint32_t first : {kEighth, kEighth | kSign}) {
    const kernels::SfuValues values{.function = function, .first = first, .stride = kStride, .count = kCount};
    check(kernels::launch(values, out.data(), device.stream()));
    result.items += kCount;
    result.mismatches += kernels::count_mismatches(values, out.to_host(device.stream()).data());
  }
  result.method =
      "operands of every thread bit for bit against a replay on the host, their results in sum and 262144 single ones "
      "within the errors of PTX ISA 9.1";
}

/// With an operand and a sum beside each MUFU, as here, only what leaves the other pipes room is judged.
const reports::Floor kFloor{.issue = 0.90, .source = "published: 100 % for MUFU alone on an RTX 5070 Ti"};

template <class Op>
void add(Registry& registry, CudaDevice& device, const std::string& function,
         const std::optional<reports::Floor>& floor) {
  add_cuda_chain<Op>(
      registry, device,
      {.name = "sfu",
       .params = {{"function", function}},
       .pipe = theory::Pipe::sfu,
       .floor = floor,
       .also_verify = [&device](reports::Verification& result) { verify_values(Op::function, device, result); }});
}

}  // namespace

void declare_sfu_cuda(Registry& registry, CudaDevice& device) {
  add<kernels::SfuEx2>(registry, device, "ex2", kFloor);
  add<kernels::SfuLg2>(registry, device, "lg2", {});
  add<kernels::SfuRcp>(registry, device, "rcp", kFloor);
  add<kernels::SfuRsqrt>(registry, device, "rsqrt", kFloor);
  add<kernels::SfuSin>(registry, device, "sin", {});
  add<kernels::SfuTanh>(registry, device, "tanh", kFloor);
}

}  // namespace peakproof::bench
