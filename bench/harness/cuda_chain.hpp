// A kernel that is nothing but chains of one instruction: everything that its benchmark needs.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/harness/cuda_device.hpp"
#include "bench/harness/registry.hpp"
#include "bench/harness/sm_blame.hpp"
#include "bench/harness/sm_rates.hpp"
#include "kernels/arithmetic/chain_answer.hpp"
#include "theory/sm_resources.hpp"

namespace peakproof::bench {

/// What a benchmark says of a chain kernel.
struct ChainCase {
  std::string name;
  reports::Texts params;
  std::optional<theory::Pipe> pipe;
  std::optional<reports::Floor> floor;
  std::string unit;    ///< where there is no pipe, which tells it
  std::string remark;  ///< goes into the note
  bool burst = false;  ///< the power limit decides the clock: measured from idle too
  /// A check beside that of the chains; adds to the verification.
  std::function<void(reports::Verification&)> also_verify;
};

/// The warps per SM of a sweep: powers of two, and all that fit.
[[nodiscard]] inline std::vector<int> swept_warps(theory::ComputeCapability cc) {
  const auto* resources = theory::find_sm_resources(cc);
  const int most = resources != nullptr && resources->max_warps > 0 ? resources->max_warps : 32;
  std::vector<int> warps;
  for (int count = 1; count < most; count *= 2) warps.push_back(count);
  warps.push_back(most);
  return warps;
}

/// Every thread's result against its lane's answer, wrong ones by the SM that the traces name. Threads of a lane must agree
/// bit for bit also where the answer is known to a tolerance only: with most of them, if those are right.
template <class Op>
[[nodiscard]] reports::Verification verify_chain(const kernels::Chain<Op>& chain,
                                                 const std::vector<typename Op::Bits>& out,
                                                 const std::vector<kernels::BlockTrace>& traces) {
  constexpr std::size_t lanes = kernels::Chain<Op>::lanes;
  const auto expected = kernels::answer(chain);
  auto right = agreed_words(out, lanes);
  for (std::size_t lane = 0; lane < lanes; ++lane)
    if (!kernels::matches(chain, right[lane], expected[lane])) right[lane] = expected[lane];
  return verify_by_sm("every thread bit for bit against a replay on the host", out, traces,
                      [&](std::size_t i) { return right[i % lanes]; });
}

/// The case's own remark, and what is to be said of the options.
[[nodiscard]] inline std::string remark_of(const ChainCase& what, const Options& options) {
  if (options.data == DataChoice::random) return what.remark;
  return what.remark + (what.remark.empty() ? "" : "; ") + "--data does not apply: a chain has its own operands";
}

/// Declares a chain kernel of this shape as a case, `blocks_per_sm` blocks on every SM at once: a long launch of one wave
/// has no tail.
template <class Op>
void add_cuda_chain_shape(Registry& registry, CudaDevice& device, const ChainCase& what,
                          const kernels::Chain<Op>& shape, int blocks_per_sm) {
  using Bits = typename Op::Bits;
  struct State {
    kernels::Chain<Op> kernel;
    DeviceBuffer<Bits> out;
    DeviceBuffer<kernels::BlockTrace> trace;
  };
  const auto state = std::make_shared<State>();
  constexpr int kPoison = 0xA5;
  registry.add({
      .name = what.name,
      .params = what.params,
      .pipe = what.pipe,
      .unit = what.pipe ? std::string(theory::unit(*what.pipe)) : what.unit,
      .floor = what.floor,
      .kernel = shape.symbol(),
      .remark = remark_of(what, registry.options()),
      .burst = what.burst && !registry.options().sweep,
      .prepare =
          [state, &device, shape, blocks_per_sm] {
            kernels::Chain<Op> kernel = shape;
            kernel.blocks = blocks_per_sm * device.spec().sm_count;
            *state = State{.kernel = kernel,
                           .out = DeviceBuffer<Bits>(std::int64_t{kernel.blocks} * kernel.threads),
                           .trace = DeviceBuffer<kernels::BlockTrace>(kernel.blocks)};
          },
      .release = [state] { *state = State{}; },
      .set_length = [state](std::int64_t trips) { state->kernel.trips = static_cast<int>(trips); },
      .work = [state] { return state->kernel.operations(); },
      .poison = [state, &device] { state->out.fill_bytes(kPoison, device.stream()); },
      .launch = [state,
                 &device] { check(launch(state->kernel, state->out.data(), state->trace.data(), device.stream())); },
      .verify =
          [state, &device, also = what.also_verify] {
            auto result =
                verify_chain(state->kernel, state->out.to_host(device.stream()), state->trace.to_host(device.stream()));
            if (also) also(result);
            return result;
          },
      .unit_maps =
          [state, &device] {
            return sm_maps(state->trace.to_host(device.stream()), state->kernel.operations() / state->kernel.blocks,
                           device.spec().sm_count);
          },
  });
}

/// How many blocks of this shape an SM holds, or why there is none.
struct Fit {
  int blocks = 0;
  std::string why;
};
template <class Op>
[[nodiscard]] Fit fit(const kernels::Chain<Op>& shape, int wanted) {
  Fit result;
  const cudaError_t status = kernels::blocks_per_sm(shape, &result.blocks);
  if (const auto why = no_machine_code(status)) return {0, *why};
  check(status);
  if (result.blocks < wanted)
    result.why =
        fmt::format("{} blocks of {} threads fit in an SM's registers, not {}", result.blocks, shape.threads, wanted);
  return result;
}

/// One case per ILP and number of warps on an SM; a point that does not fit in the registers is skipped.
template <class Op>
void add_cuda_chain_sweep(Registry& registry, CudaDevice& device, ChainCase what) {
  using Shape = kernels::Chain<Op>;
  what.floor.reset();
  const reports::Texts common = what.params;
  for (const int warps : swept_warps(device.spec().compute_capability)) {
    const int blocks = (warps * Shape::lanes + Shape::max_threads - 1) / Shape::max_threads;
    for (const int ilp : Shape::ilps) {
      Shape shape = Shape::with_ilp(ilp);
      shape.threads = warps / blocks * Shape::lanes;
      what.params = common;
      what.params["ilp"] = std::to_string(ilp);
      what.params["warps_per_sm"] = std::to_string(warps);
      if (const Fit found = fit(shape, blocks); found.why.empty())
        add_cuda_chain_shape(registry, device, what, shape, blocks);
      else
        registry.add({.name = what.name, .params = what.params, .skip = found.why});
    }
  }
}

/// Declares the chain kernels of operation Op (kernels/arithmetic/chain.hpp): one case with most chains and as many
/// threads as fit, or, with --sweep, the grid over both.
template <class Op>
void add_cuda_chain(Registry& registry, CudaDevice& device, const ChainCase& what) {
  if (registry.options().sweep) return add_cuda_chain_sweep<Op>(registry, device, what);
  const auto shape = kernels::Chain<Op>();
  if (const Fit found = fit(shape, 1); found.why.empty())
    add_cuda_chain_shape(registry, device, what, shape, found.blocks);
  else
    registry.add({.name = what.name, .params = what.params, .skip = found.why});
}

}  // namespace peakproof::bench
