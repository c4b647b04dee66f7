// How long an instruction takes, from one that needs its result: one chain in one warp on one SM, timed in the kernel.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "bench/harness/cuda_chain.hpp"
#include "theory/latencies.hpp"

namespace peakproof::bench {

/// Operation Op as one chain in one warp, run with a whole body of the loop and with half of one: as many trips, so that
/// the difference of both times is that of half a body without the loop.
template <class Op>
class DependentChain {
 public:
  explicit DependentChain(CudaDevice& device) : device_(device), whole_(device, 1), half_(device, 2) {}

  void set_trips(int trips) { whole_.chain.trips = half_.chain.trips = trips; }
  void poison() {
    whole_.out.fill_bytes(kPoison, device_.stream());
    half_.out.fill_bytes(kPoison, device_.stream());
  }
  void launch() {
    whole_.launch(device_);
    half_.launch(device_);
  }
  /// Dependent steps of one launch.
  [[nodiscard]] double steps() const { return whole_.steps() + half_.steps(); }
  /// Of the last launch.
  [[nodiscard]] double cycles_per_step() const {
    return (whole_.cycles(device_) - half_.cycles(device_)) / (whole_.steps() - half_.steps());
  }
  void verify(reports::Verification& result) const {
    verify(whole_, result);
    verify(half_, result);
  }
  [[nodiscard]] std::vector<std::string> kernels() const { return {whole_.chain.symbol(), half_.chain.symbol()}; }

 private:
  static constexpr int kPoison = 0xA5;
  using Bits = typename Op::Bits;

  struct Run {
    kernels::Chain<Op> chain;
    DeviceBuffer<Bits> out;
    DeviceBuffer<kernels::BlockTrace> trace;

    Run(CudaDevice& /*device*/, int part)
        : chain(kernels::Chain<Op>::dependent(part)), out(kernels::Chain<Op>::lanes), trace(1) {}
    void launch(CudaDevice& device) { check(kernels::launch(chain, out.data(), trace.data(), device.stream())); }
    [[nodiscard]] double steps() const { return double(chain.steps) * chain.trips; }
    [[nodiscard]] double cycles(CudaDevice& device) const {
      const kernels::BlockTrace block = trace.to_host(device.stream()).at(0);
      return static_cast<double>(block.end_clk - block.begin_clk);
    }
  };

  void verify(const Run& run, reports::Verification& result) const {
    const auto out = run.out.to_host(device_.stream());
    if constexpr (requires { Op::replayed_on_device; }) {
      Run replay(device_, 1);
      replay.chain = kernels::Chain<Op>::one_step_a_trip(run.chain);
      replay.launch(device_);
      const auto expected = replay.out.to_host(device_.stream());
      result.method = "every lane bit for bit against a replay on the device, one step a trip";
      result.items += static_cast<std::int64_t>(out.size());
      for (std::size_t i = 0; i < out.size(); ++i)
        if (out[i] != expected[i] || !Op::finite(out[i])) ++result.mismatches;
    } else {
      const auto one = verify_chain(run.chain, out, run.trace.to_host(device_.stream()));
      result.method = one.method;
      result.items += one.items;
      result.mismatches += one.mismatches;
      result.units = one.units;
      result.wrong_units.insert(result.wrong_units.end(), one.wrong_units.begin(), one.wrong_units.end());
    }
  }

  CudaDevice& device_;
  Run whole_;
  Run half_;
};

/// Declares the latency of operation Op, less those of the companions that stand between two of its instructions in a
/// chain. `instruction` is its name in theory/latencies.hpp, where what others have published is found.
template <class Op, class... Companions>
void add_cuda_latency(Registry& registry, CudaDevice& device, const std::string& instruction, std::string remark = {}) {
  using Chains = std::tuple<DependentChain<Op>, DependentChain<Companions>...>;
  const auto chains = std::make_shared<std::unique_ptr<Chains>>();
  const auto each = [chains](const auto& f) { std::apply([&](auto&... chain) { (f(chain), ...); }, **chains); };

  const auto also = [&remark](const std::string& text) { remark += (remark.empty() ? "" : "; ") + text; };
  if constexpr (sizeof...(Companions) > 0)
    also(fmt::format("measured together with {}, whose {} taken off",
                     fmt::join(std::vector<std::string>{Companions::name...}, " and "),
                     sizeof...(Companions) == 1 ? "latency is" : "latencies are"));
  if (const auto* published = theory::find_latency(device.spec().compute_capability, instruction))
    also(fmt::format("published: {} cycles ({}{}{})", published->cycles, published->source,
                     published->doubt.empty() ? "" : "; ", published->doubt));

  std::vector<std::string> other_kernels = {kernels::Chain<Op>::dependent(2).symbol()};
  (other_kernels.insert(other_kernels.end(), {kernels::Chain<Companions>::dependent(1).symbol(),
                                              kernels::Chain<Companions>::dependent(2).symbol()}),
   ...);
  registry.add({
      .name = "latency_arithmetic",
      .params = {{"instruction", instruction}},
      .unit = "OP/s",
      .kernel = kernels::Chain<Op>::dependent(1).symbol(),
      .other_kernels = std::move(other_kernels),
      .remark = remark,
      .prepare =
          [chains, &device] {
            *chains = std::make_unique<Chains>(DependentChain<Op>(device), DependentChain<Companions>(device)...);
          },
      .release = [chains] { chains->reset(); },
      .set_length =
          [each](std::int64_t trips) { each([&](auto& chain) { chain.set_trips(static_cast<int>(trips)); }); },
      .work =
          [each] {
            double steps = 0;
            each([&](auto& chain) { steps += chain.steps(); });
            return steps;
          },
      .poison = [each] { each([](auto& chain) { chain.poison(); }); },
      .launch = [each] { each([](auto& chain) { chain.launch(); }); },
      .latency_cycles =
          [chains] {
            return std::apply(
                [](auto& own, auto&... companion) {
                  return (own.cycles_per_step() - ... - companion.cycles_per_step());
                },
                **chains);
          },
      .verify =
          [each] {
            reports::Verification result;
            each([&](auto& chain) { chain.verify(result); });
            return result;
          },
  });
}

}  // namespace peakproof::bench
