// main() of every bench_* and of the workers of `peakproof`: options, device, cases, measurements, report, exit code.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/harness/options.hpp"
#include "bench/harness/registry.hpp"
#include "reports/result.hpp"

namespace CLI {
class App;
}

namespace peakproof::bench {

/// The whole of a bench_* executable. Returns an ExitCode (reports/verdict.hpp) and throws nothing.
[[nodiscard]] int bench_main(int argc, char** argv, const Benchmark& benchmark);

/// What a worker does otherwise than an executable of its own: it writes the plan before it measures anything, tells
/// where it stands, and prints no table.
struct WorkerPart {
  std::vector<std::string> cases;  ///< planned names; empty: all that Google Benchmark's filter leaves
  std::function<void(const std::string& planned)> begins;
  std::function<void(const std::string& planned)> ended;  ///< its result is in the file
};

/// Measures these benchmarks (or lists their cases) in this process and writes what the options ask for. Returns the exit
/// code. Throws UsageError and NoDevice.
[[nodiscard]] int run_benchmarks(const Options& options, std::span<const Benchmark> benchmarks,
                                 const WorkerPart* worker = nullptr);

/// A benchmark of which only those cases are wanted that the filter (Google Benchmark's) leaves; nothing: its flags say
/// which.
struct Wanted {
  Benchmark benchmark;
  std::optional<std::string> filter;
};
/// One turn of the plan: a case, a mode and a repetition.
struct PlannedCase {
  std::size_t wanted = 0;  ///< which of those asked for
  std::string name;
};
/// What run_benchmarks would measure. Throws as that does; a benchmark of which nothing is left is left out. `device`, where
/// it is given, becomes the description of the device.
[[nodiscard]] std::vector<PlannedCase> plan_benchmarks(const Options& options, std::span<const Wanted> wanted,
                                                       reports::Device* device = nullptr);

/// The name under which a result was planned: "fp32_fma/ilp:8/mode:burst/repetition:1".
[[nodiscard]] std::string planned_name(const reports::Result& result);

/// Throws UsageError unless the benchmark serves this kind of device, and every case that it declared for a sweep is a
/// point of one (of a sweep over `over`, where that is named), or skipped with its reason.
void require_sweep(const Benchmark& benchmark, theory::DeviceKind kind, std::span<const Case> declared,
                   const std::string& over = {});

/// Parses the command line into `app`; the exit code if that is all there is to do (--help, --version, a usage error).
[[nodiscard]] std::optional<int> parse(CLI::App& app, std::vector<std::string> arguments);

/// Runs `body`; what it throws becomes one line on stderr and the exit code that belongs to it.
[[nodiscard]] int guarded(bool skip_if_no_gpu, const std::function<int()>& body);

}  // namespace peakproof::bench
