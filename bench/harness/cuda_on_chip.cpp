#include "bench/harness/cuda_on_chip.hpp"

#include <fmt/format.h>

#include "theory/throughput.hpp"

namespace peakproof::bench {

std::string with_data_remark(std::string remark, const Options& options) {
  if (options.data == DataChoice::random) return remark;
  return remark + (remark.empty() ? "" : "; ") + "--data does not apply: what is moved tells its place";
}

BlocksOfSm blocks_of_sm(cudaError_t status, int count) {
  if (auto why = no_machine_code(status)) return {0, std::move(why)};
  check(status);
  return {count, std::nullopt};
}

reports::Verification verify_words(const std::vector<std::uint32_t>& out, const std::vector<std::uint32_t>& expected,
                                   const std::vector<kernels::BlockTrace>& traces) {
  const auto right = [&](std::size_t i) { return expected.empty() ? ~out[i] : expected[i % expected.size()]; };
  return verify_by_sm("every thread's word bit for bit against the host", out, traces, right);
}

std::optional<theory::Peak> conflict_peak(const theory::DeviceSpec& device, int ways, double clock_hz) {
  constexpr double kEveryBank = 128;  // 32 banks of 4 bytes: a narrower data path may take a conflict in its stride
  auto peak = theory::peak(device, theory::Pipe::shared, clock_hz);
  const auto* row = theory::find_throughput(device.compute_capability, device.variant, theory::Pipe::shared);
  if (ways == 1 || !peak) return peak;
  if (row->results_per_clk_per_sm != kEveryBank) return std::nullopt;
  peak->per_second /= ways;
  peak->formula += fmt::format(" / {} ({}-way bank conflict)", ways, ways);
  peak->source += "; a bank gives one word of 32 bits a clock (CUDA C++ Programming Guide, shared memory)";
  return peak;
}

}  // namespace peakproof::bench
