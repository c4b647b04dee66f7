// How fast does the GPU copy in its device memory?
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "bench/harness/cuda_device.hpp"
#include "bench/harness/data.hpp"
#include "bench/harness/errors.hpp"
#include "bench/harness/registry.hpp"
#include "kernels/memory/dram_copy.hpp"
#include "kernels/memory/pattern.hpp"

namespace peakproof::bench {
namespace {

constexpr std::int64_t kGiB = std::int64_t{1} << 30;
constexpr std::int64_t kTimesL2 = 64;       // a working set that the L2 cannot help with
constexpr double kShareOfFreeMemory = 0.8;  // both buffers together

/// Bytes of one buffer: what the user says, else 4 GiB and 64 x L2 or what fits. Throws where the L2 would be measured.
std::int64_t buffer_bytes(const Registry& registry, const CudaDevice& device) {
  const auto align = [](std::int64_t bytes) {
    return bytes / kernels::DramCopy::block_bytes * kernels::DramCopy::block_bytes;
  };
  const std::int64_t enough = kTimesL2 * registry.device().l2_bytes;
  const auto room = static_cast<std::int64_t>(kShareOfFreeMemory * static_cast<double>(device.free_bytes())) / 2;
  if (const auto asked = registry.options().size_bytes) {
    if (2 * *asked < enough)
      throw UsageError(fmt::format(
          "--size {} is too small: two buffers below {} bytes (64 x L2) would measure the cache", *asked, enough));
    if (*asked > room)
      throw UsageError(fmt::format("--size {} is too large: two buffers of at most {} bytes fit into the free memory",
                                   *asked, align(room)));
    return align(*asked);
  }
  const std::int64_t bytes = align(std::min(std::max(4 * kGiB, enough), room));
  if (2 * bytes < enough)
    throw MeasurementError(
        fmt::format("too little memory: {} bytes are free, 64 x L2 need {}: end what else uses the GPU",
                    device.free_bytes(), enough));
  return bytes;
}

/// What a copy (one read for one write) reaches of the pin rate of HBM; nothing sourced for other memories.
std::optional<reports::Floor> copy_floor(const theory::DeviceSpec& device) {
  if (!device.memory_type.starts_with("HBM")) return std::nullopt;
  return reports::Floor{0.84,
                        "published copies reach 86 to 89 % of the pin rate (A100 86.2 %, H100 86.6 %, H200 89.3 %)"};
}

}  // namespace

void declare_dram_copy_cuda(Registry& registry, CudaDevice& device) {
  struct State {
    kernels::DramCopy kernel;
    kernels::Pattern pattern;
    DeviceBuffer<std::byte> source;
    DeviceBuffer<std::byte> destination;
    DeviceBuffer<unsigned long long> mismatches;
  };
  const std::int64_t bytes = buffer_bytes(registry, device);
  const auto data = kernel_data(registry.options().data);
  const auto state = std::make_shared<State>();
  constexpr int kPoison = 0xA5;
  registry.add({
      .name = "dram_copy",
      .params = {{"bytes", std::to_string(bytes)}, {"data", data_name(registry.options().data)}},
      .pipe = theory::Pipe::dram,
      .unit = "B/s",
      .floor = copy_floor(registry.device()),
      .kernel = kernels::DramCopy::symbol,
      .prepare =
          [state, &device, bytes, data] {
            *state = State{.kernel = {.bytes = bytes},
                           .pattern = {.data = data},
                           .source = DeviceBuffer<std::byte>(bytes),
                           .destination = DeviceBuffer<std::byte>(bytes),
                           .mismatches = DeviceBuffer<unsigned long long>(1)};
            check(kernels::fill(state->pattern, state->source.data(), bytes, device.stream()));
          },
      .release = [state] { *state = State{}; },
      .work = [state] { return state->kernel.bytes_moved(); },
      .poison = [state, &device] { state->destination.fill_bytes(kPoison, device.stream()); },
      .launch =
          [state, &device] {
            check(kernels::launch(state->kernel, state->source.data(), state->destination.data(), device.stream()));
          },
      .verify =
          [state, &device] {
            state->mismatches.fill_bytes(0, device.stream());
            check(kernels::count_mismatches(state->pattern, state->destination.data(), state->kernel.bytes,
                                            state->mismatches.data(), device.stream()));
            return reports::Verification{
                .method = "every 8-byte word of the copy against the pattern, on the device",
                .items = state->kernel.bytes / 8,
                .mismatches = static_cast<std::int64_t>(state->mismatches.to_host(device.stream()).front())};
          },
  });
}

}  // namespace peakproof::bench
