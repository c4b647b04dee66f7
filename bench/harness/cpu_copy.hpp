// The copy in main memory as a case.
#pragma once

#include <string>

#include "bench/harness/cpu_backend.hpp"
#include "bench/harness/registry.hpp"

namespace peakproof::bench {

/// Declares the copy on all cores. Reported without theory: nothing tells a program how many memory channels there are.
void add_cpu_copy(Registry& registry, CpuBackend& device, std::string name);

}  // namespace peakproof::bench
