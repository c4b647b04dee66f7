// Google Benchmark behind a door: flags, filter and repetitions are its own, the measuring is not. Its header is
// included in google_benchmark.cpp alone.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace peakproof::bench {

/// One turn of the plan: which case, and which repetition of it.
struct Turn {
  std::size_t index = 0;
  int repetition = 0;
};

/// Gives Google Benchmark its flags. Throws UsageError naming what it does not take.
void parse_google_flags(const std::vector<std::string>& arguments);

/// What Google Benchmark's filter and repetitions make of these names: the planned set, fixed before the run. `filter`
/// takes the place of the one among the flags. Empty where nothing matches, and where the names are only listed.
[[nodiscard]] std::vector<Turn> matching(const std::vector<std::string>& names,
                                         const std::optional<std::string>& filter = std::nullopt);
/// The same; throws UsageError where nothing matches.
[[nodiscard]] std::vector<Turn> plan(const std::vector<std::string>& names);

/// Runs the plan through Google Benchmark: `body` measures one turn and returns its time in seconds.
void run_plan(const std::vector<std::string>& names, const std::function<double(const Turn&)>& body);

}  // namespace peakproof::bench
