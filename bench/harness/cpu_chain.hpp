// A CPU kernel that is nothing but a chain of one instruction: everything that its benchmark needs.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "bench/harness/cpu_backend.hpp"
#include "bench/harness/cpu_runs.hpp"
#include "bench/harness/registry.hpp"

namespace peakproof::bench {

/// Declares kernel K (see CpuChain) as a case on all cores. Without a floor it is reported, not judged.
template <CpuChain K>
void add_cpu_chain(Registry& registry, CpuBackend& device, const std::string& name, theory::Pipe pipe,
                   const std::optional<reports::Floor>& floor = std::nullopt) {
  if (K::shape().lanes == 0) return registry.skip(name, "this CPU has no instruction for it");
  const auto run = std::make_shared<CpuChainRun<K>>(device.pool());
  registry.add({
      .name = name,
      .params = {{"simd", K::shape().target}},
      .pipe = pipe,
      .unit = std::string(theory::unit(pipe)),
      .floor = floor,
      .kernel = K::symbol,
      .set_length = [run](std::int64_t trips) { run->set_trips(trips); },
      .work = [run] { return run->operations(); },
      .poison = [run] { run->spoil(); },
      .launch = [run] { run->launch(); },
      .verify = [run] { return run->verify(); },
  });
}

}  // namespace peakproof::bench
