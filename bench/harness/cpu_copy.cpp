#include "bench/harness/cpu_copy.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "bench/harness/cpu_runs.hpp"
#include "bench/harness/errors.hpp"
#include "kernels/cpu/dram_copy.hpp"

namespace peakproof::bench {
namespace {

kernels::cpu::Data host_data(DataChoice choice) {
  if (choice == DataChoice::zero) return kernels::cpu::Data::zero;
  return choice == DataChoice::ones ? kernels::cpu::Data::ones : kernels::cpu::Data::random;
}

/// Bytes of one buffer: what the user says, else a plan beyond the last-level cache. Throws where neither works.
std::int64_t buffer_bytes(const Registry& registry, const CpuBackend& device) {
  const std::int64_t cache = registry.device().l2_bytes;
  const std::int64_t room = device.device().available_memory_bytes;
  if (const auto asked = registry.options().size_bytes) {
    if (2 * *asked < 4 * cache)
      throw UsageError(
          fmt::format("--size {} is too small: two buffers below {} bytes (4 x the last-level cache) would "
                      "measure the cache",
                      *asked, 4 * cache));
    if (2 * *asked > room)
      throw UsageError(
          fmt::format("--size {} is too large: two buffers do not fit into {} bytes of free memory", *asked, room));
    return *asked;
  }
  return kernels::cpu::DramCopy::plan_bytes(cache, room);
}

}  // namespace

void add_cpu_copy(Registry& registry, CpuBackend& device, std::string name) {
  const std::int64_t bytes = buffer_bytes(registry, device);
  const auto run = std::make_shared<std::unique_ptr<CpuCopyRun>>();
  const auto data = registry.options().data;
  registry.add({
      .name = std::move(name),
      .params = {{"bytes", std::to_string(bytes)}, {"data", data_name(data)}},
      .pipe = theory::Pipe::dram,
      .unit = "B/s",
      .kernel = kernels::cpu::DramCopy::symbol,
      .prepare =
          [run, &device, bytes, data] {
            if (bytes == 0)
              throw MeasurementError("too little memory for two buffers beyond the cache: end other programs");
            *run = std::make_unique<CpuCopyRun>(device.pool(), bytes, kernels::cpu::Pattern{.data = host_data(data)});
          },
      .release = [run] { run->reset(); },
      .set_length = [run](std::int64_t repeats) { (*run)->set_repeats(repeats); },
      .work = [run] { return (*run)->bytes_moved(); },
      .poison = [run] { (*run)->spoil_destination(); },
      .launch = [run] { (*run)->launch(); },
      .verify = [run] { return (*run)->verify(); },
  });
}

}  // namespace peakproof::bench
