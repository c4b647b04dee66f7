#include <fmt/format.h>

#include <algorithm>

#include "bench/harness/errors.hpp"
#include "bench/harness/registry.hpp"

namespace peakproof::bench {

std::vector<Benchmark> select(const std::vector<std::string>& names) {
  const auto all = suite();
  if (names.empty()) return {all.begin(), all.end()};
  std::vector<Benchmark> chosen;
  for (const auto& name : names) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const Benchmark& b) { return b.name == name; });
    if (found == all.end()) throw UsageError(fmt::format("unknown benchmark '{}': peakproof list shows them", name));
    chosen.push_back(*found);
  }
  return chosen;
}

}  // namespace peakproof::bench
