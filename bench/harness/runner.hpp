// main() of every bench_* and of `peakproof run`: options, device, cases, measurements, report, exit code.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "bench/harness/options.hpp"
#include "bench/harness/registry.hpp"

namespace CLI {
class App;
}

namespace peakproof::bench {

/// The whole of a bench_* executable. Returns an ExitCode (reports/verdict.hpp) and throws nothing.
[[nodiscard]] int bench_main(int argc, char** argv, const Benchmark& benchmark);

/// Measures these benchmarks (or lists their cases) and writes what the options ask for. Returns the exit code. Throws
/// UsageError and NoDevice.
[[nodiscard]] int run_benchmarks(const Options& options, std::span<const Benchmark> benchmarks);

/// Throws UsageError unless the benchmark serves this kind of device, and every case that it declared for a sweep is a
/// point of one (of a sweep over `over`, where that is named), or skipped with its reason.
void require_sweep(const Benchmark& benchmark, theory::DeviceKind kind, std::span<const Case> declared,
                   const std::string& over = {});

/// Parses the command line into `app`; the exit code if that is all there is to do (--help, --version, a usage error).
[[nodiscard]] std::optional<int> parse(CLI::App& app, std::vector<std::string> arguments);

/// Runs `body`; what it throws becomes one line on stderr and the exit code that belongs to it.
[[nodiscard]] int guarded(bool skip_if_no_gpu, const std::function<int()>& body);

}  // namespace peakproof::bench
