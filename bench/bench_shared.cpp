// How fast does an SM read and write its shared memory, and how much do bank conflicts cost?
#include <string>
#include <utility>

#include "bench/harness/cuda_on_chip.hpp"
#include "kernels/memory/shared_read.hpp"
#include "kernels/memory/shared_write.hpp"

namespace peakproof::bench {
namespace {

/// Of 16-byte reads without conflicts, where they have been measured.
std::optional<reports::Floor> read_floor(theory::ComputeCapability cc) {
  constexpr int kHopper = 9;
  constexpr int kBlackwell = 10;
  if (cc.major != kHopper && cc.major != kBlackwell) return std::nullopt;
  return reports::Floor{0.95,
                        "published: 127.53 of 128 B/clk/SM on H100 SXM5 (HPMLL micro-benchmarks), 99.8 % on B300 "
                        "(QuickRunCUDA)"};
}

Case case_of(const std::string& access) {
  return {.name = "shared", .params = {{"access", access}}, .pipe = theory::Pipe::shared, .unit = "B/s"};
}

}  // namespace

void declare_shared_cuda(Registry& registry, CudaDevice& device) {
  Case read = case_of("read_128");
  read.floor = read_floor(device.spec().compute_capability);
  add_on_every_sm(registry, device, std::move(read), kernels::SharedRead{});
  for (const int ways : kernels::SharedRead::all_ways) {
    Case conflicts = case_of("read_32");
    conflicts.params["ways"] = std::to_string(ways);
    conflicts.peak = [&device, ways](double clock_hz) { return conflict_peak(device.spec(), ways, clock_hz); };
    add_on_every_sm(registry, device, std::move(conflicts), kernels::SharedRead{.ways = ways});
  }
  add_on_every_sm(registry, device, case_of("write_128"), kernels::SharedWrite{});
}

}  // namespace peakproof::bench
