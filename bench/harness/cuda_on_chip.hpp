// A kernel that fills every SM with blocks for one wave and leaves a word in every thread: everything that its benchmark
// needs. Of what lies on an SM: shared memory, that of its neighbours, the constant cache, atomics.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/harness/cuda_device.hpp"
#include "bench/harness/registry.hpp"
#include "bench/harness/sm_blame.hpp"
#include "bench/harness/sm_rates.hpp"
#include "kernels/probe/block_trace.hpp"
#include "theory/peak.hpp"

namespace peakproof::bench {

/// The remark, and that --data does not apply where another choice than the default was made.
[[nodiscard]] std::string with_data_remark(std::string remark, const Options& options);

/// What cudaOccupancy said of a kernel's blocks: how many an SM holds, or why there is none. Throws for what is an error.
struct BlocksOfSm {
  int count = 0;
  std::optional<std::string> why_none;
};
[[nodiscard]] BlocksOfSm blocks_of_sm(cudaError_t status, int count);
template <class Kernel>
[[nodiscard]] BlocksOfSm blocks_of_sm(const Kernel& kernel) {
  int count = 0;
  const cudaError_t status = blocks_per_sm(kernel, &count);
  return blocks_of_sm(status, count);
}

/// Shared memory's peak where so many words in each bank are asked for at once: that part of the whole. Nothing where an SM
/// moves less than a word of every bank a clock (7.5), as it is not told how conflicts go into that. Pure.
[[nodiscard]] std::optional<theory::Peak> conflict_peak(const theory::DeviceSpec& device, int ways, double clock_hz);

/// Every thread's word against its answer, wrong ones by the SM that the traces name; thread i's is that of
/// i % expected.size(). Without an answer all are wrong.
[[nodiscard]] reports::Verification verify_words(const std::vector<std::uint32_t>& out,
                                                 const std::vector<std::uint32_t>& expected,
                                                 const std::vector<kernels::BlockTrace>& traces);

inline constexpr int kPoison = 0xA5;  ///< in every byte that a launch is to overwrite

/// Declares `what` (name, params, unit and what else is not filled in here) as measured by this kernel, which has its number
/// of blocks. A kernel has threads, trips, symbol(), work(), and the functions launch(kernel, out, trace, stream) and
/// answer(kernel).
template <class Kernel>
void add_on_chip(Registry& registry, CudaDevice& device, Case what, const Kernel& kernel) {
  struct State {
    Kernel kernel;
    DeviceBuffer<std::uint32_t> out;
    DeviceBuffer<kernels::BlockTrace> trace;
  };
  const auto state = std::make_shared<State>();
  what.kernel = kernel.symbol();
  what.remark = with_data_remark(std::move(what.remark), registry.options());
  what.prepare = [state, kernel] {
    *state = State{.kernel = kernel,
                   .out = DeviceBuffer<std::uint32_t>(std::int64_t{kernel.blocks} * Kernel::threads),
                   .trace = DeviceBuffer<kernels::BlockTrace>(kernel.blocks)};
  };
  what.release = [state] { *state = State{}; };
  what.set_length = [state](std::int64_t trips) { state->kernel.trips = static_cast<int>(trips); };
  what.work = [state] { return state->kernel.work(); };
  what.poison = [state, &device] { state->out.fill_bytes(kPoison, device.stream()); };
  what.launch = [state, &device] {
    check(launch(state->kernel, state->out.data(), state->trace.data(), device.stream()));
  };
  what.verify = [state, &device] {
    return verify_words(state->out.to_host(device.stream()), answer(state->kernel),
                        state->trace.to_host(device.stream()));
  };
  what.unit_maps = [state, &device, unit = what.unit] {
    return sm_maps(state->trace.to_host(device.stream()), state->kernel.work() / state->kernel.blocks,
                   device.spec().sm_count, unit);
  };
  registry.add(std::move(what));
}

/// The same with as many blocks as fill every SM; skipped where none fits.
template <class Kernel>
void add_on_every_sm(Registry& registry, CudaDevice& device, Case what, Kernel kernel) {
  const auto fit = blocks_of_sm(kernel);
  what.skip = fit.why_none;
  if (what.skip) return registry.add(std::move(what));
  kernel.blocks = fit.count * device.spec().sm_count;
  add_on_chip(registry, device, std::move(what), kernel);
}

}  // namespace peakproof::bench
