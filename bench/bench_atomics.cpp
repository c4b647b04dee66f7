// How many atomic additions a second does the GPU do, in shared and in global memory, at one address and at many?
#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/harness/cuda_on_chip.hpp"
#include "kernels/memory/atomics.hpp"

namespace peakproof::bench {
namespace {

using kernels::AtomicMemory;
using kernels::Atomics;
using kernels::AtomicType;

constexpr auto kCases = std::to_array<Atomics>({
    {.memory = AtomicMemory::shared, .spread = false},
    {.memory = AtomicMemory::shared},
    {.memory = AtomicMemory::shared, .used = true},
    {.memory = AtomicMemory::global, .spread = false},
    {.memory = AtomicMemory::global},
    {.memory = AtomicMemory::global, .used = true},
    {.memory = AtomicMemory::global, .type = AtomicType::int64},
    {.memory = AtomicMemory::global, .type = AtomicType::fp32},
});

std::string name_of(AtomicType type) {
  switch (type) {
    case AtomicType::int32:
      return "int32";
    case AtomicType::int64:
      return "int64";
    case AtomicType::fp32:
      return "fp32";
  }
  return "";
}

reports::Texts params_of(const Atomics& kernel) {
  return {{"memory", kernel.memory == AtomicMemory::shared ? "shared" : "global"},
          {"addresses", kernel.spread ? "spread" : "one"},
          {"type", name_of(kernel.type)},
          {"result", kernel.used ? "used" : "unused"}};
}

struct State {
  Atomics kernel;
  DeviceBuffer<std::byte> cells;
  DeviceBuffer<std::uint32_t> out;
  DeviceBuffer<kernels::BlockTrace> trace;

  explicit State(const Atomics& shape)
      : kernel(shape),
        cells(shape.cells() * shape.cell_bytes()),
        out(std::int64_t{shape.blocks} * Atomics::threads),
        trace(shape.blocks) {}

  [[nodiscard]] reports::Verification verify(cudaStream_t stream) const {
    const auto expected = sums(kernel);
    reports::Verification result{.method = "every sum, exact, against the host",
                                 .items = static_cast<std::int64_t>(expected.size())};
    const auto bytes = cells.to_host(stream);
    const auto width = static_cast<std::size_t>(kernel.cell_bytes());
    for (std::size_t i = 0; i < expected.size(); ++i)
      if (std::memcmp(&expected[i], &bytes[i * width], width) != 0) ++result.mismatches;
    if (!kernel.used) return result;
    result.method += ", and every thread's sum of results";
    const auto threads = verify_by_sm("", out.to_host(stream), trace.to_host(stream), [this](std::size_t i) {
      return sum_of_results(kernel, static_cast<std::uint32_t>(i));
    });
    result.items += threads.items;
    result.mismatches += threads.mismatches;
    result.units = threads.units;
    result.wrong_units = threads.wrong_units;
    return result;
  }
};

void add_atomics(Registry& registry, CudaDevice& device, Atomics kernel) {
  Case additions{.name = "atomics", .params = params_of(kernel), .unit = "OP/s", .kernel = kernel.symbol()};
  const auto fit = blocks_of_sm(kernel);
  additions.skip = fit.why_none;
  kernel.blocks = fit.count * device.spec().sm_count;

  const auto state = std::make_shared<std::unique_ptr<State>>();
  additions.remark = with_data_remark(
      kernel.memory == AtomicMemory::global ? "every launch begins with zeroing the sums, within its time" : "",
      registry.options());
  additions.prepare = [state, kernel] { *state = std::make_unique<State>(kernel); };
  additions.release = [state] { state->reset(); };
  additions.set_length = [state](std::int64_t trips) { (*state)->kernel.trips = static_cast<int>(trips); };
  additions.work = [state] { return (*state)->kernel.work(); };
  additions.poison = [state, &device] {
    (*state)->cells.fill_bytes(kPoison, device.stream());
    (*state)->out.fill_bytes(kPoison, device.stream());
  };
  additions.launch = [state, &device] {
    State& run = **state;
    if (run.kernel.memory == AtomicMemory::global) run.cells.fill_bytes(0, device.stream());
    check(launch(run.kernel, run.cells.data(), run.out.data(), run.trace.data(), device.stream()));
  };
  additions.verify = [state, &device] { return (*state)->verify(device.stream()); };
  additions.unit_maps = [state, &device] {
    const State& run = **state;
    return sm_maps(run.trace.to_host(device.stream()), run.kernel.work() / run.kernel.blocks, device.spec().sm_count);
  };
  registry.add(std::move(additions));
}

}  // namespace

void declare_atomics_cuda(Registry& registry, CudaDevice& device) {
  for (const Atomics& kernel : kCases) add_atomics(registry, device, kernel);
}

}  // namespace peakproof::bench
