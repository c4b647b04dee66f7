// How fast does an SM read constant memory, from its nearest cache and from beyond, one address a warp and 32 of them?
#include <array>
#include <string>
#include <utility>

#include "bench/harness/cuda_on_chip.hpp"
#include "kernels/memory/constant_read.hpp"

namespace peakproof::bench {
namespace {

using kernels::ConstantRead;

constexpr int kKiB = 1024;
constexpr auto kCases = std::to_array<ConstantRead>({
    {.width = 4, .set_bytes = kKiB},
    {.width = 8, .set_bytes = kKiB},
    {.width = 4, .set_bytes = kKiB, .divergent = true},
    {.width = 4, .set_bytes = 32 * kKiB},
    {.width = 4, .set_bytes = 64 * kKiB},
});

}  // namespace

void declare_constant_cuda(Registry& registry, CudaDevice& device) {
  for (const ConstantRead& kernel : kCases) {
    Case read{.name = "constant",
              .params = {{"bytes", std::to_string(kernel.set_bytes)},
                         {"lanes", kernel.divergent ? "differ" : "agree"},
                         {"width", std::to_string(kernel.width)}},
              .unit = "B/s",
              .remark = kernel.divergent ? "bytes that the cache delivers, 32 addresses a warp"
                                         : "bytes that the cache delivers, once for a warp's 32 lanes"};
    add_on_every_sm(registry, device, std::move(read), kernel);
  }
}

}  // namespace peakproof::bench
