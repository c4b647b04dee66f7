// A kernel that is nothing but a chain of one instruction: everything that its benchmark needs.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/harness/cuda_device.hpp"
#include "bench/harness/registry.hpp"
#include "bench/harness/sm_rates.hpp"

namespace peakproof::bench {

/// Declares a chain kernel K (kernels/arithmetic/chain.hpp) as a case. The grid fills every SM once: a long launch of one
/// wave has no tail. Every thread is compared with its lane's answer.
template <class K>
void add_cuda_chain(Registry& registry, CudaDevice& device, const std::string& name, theory::Pipe pipe,
                    const reports::Floor& floor) {
  struct State {
    K kernel;
    DeviceBuffer<typename K::Bits> out;
    DeviceBuffer<kernels::BlockTrace> trace;
  };
  const auto state = std::make_shared<State>();
  constexpr int kPoison = 0xA5;
  registry.add({
      .name = name,
      .pipe = pipe,
      .unit = std::string(theory::unit(pipe)),
      .floor = floor,
      .kernel = K::symbol,
      .prepare =
          [state, &device] {
            int blocks_on_one_sm = 0;
            check(blocks_per_sm(state->kernel, &blocks_on_one_sm));
            K kernel;
            kernel.blocks = blocks_on_one_sm * device.spec().sm_count;
            *state = State{.kernel = kernel,
                           .out = DeviceBuffer<typename K::Bits>(std::int64_t{kernel.blocks} * K::threads),
                           .trace = DeviceBuffer<kernels::BlockTrace>(kernel.blocks)};
          },
      .release = [state] { *state = State{}; },
      .set_length = [state](std::int64_t trips) { state->kernel.trips = static_cast<int>(trips); },
      .work = [state] { return state->kernel.operations(); },
      .poison = [state, &device] { state->out.fill_bytes(kPoison, device.stream()); },
      .launch = [state,
                 &device] { check(launch(state->kernel, state->out.data(), state->trace.data(), device.stream())); },
      .verify =
          [state, &device] {
            const auto answer = state->kernel.answer();
            const auto out = state->out.to_host(device.stream());
            reports::Verification result{.method = "every thread bit for bit against a replay on the host",
                                         .items = static_cast<std::int64_t>(out.size())};
            for (std::size_t i = 0; i < out.size(); ++i)
              if (out[i] != answer[i % K::lanes]) ++result.mismatches;
            return result;
          },
      .unit_maps =
          [state, &device] {
            return std::vector{
                sm_rates(state->trace.to_host(device.stream()), state->kernel.operations() / state->kernel.blocks)};
          },
  });
}

}  // namespace peakproof::bench
