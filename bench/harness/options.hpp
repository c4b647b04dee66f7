// The command line of bench_* and of `peakproof run`.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace peakproof::bench {

enum class DataChoice { random, zero, ones };
[[nodiscard]] std::string data_name(DataChoice choice);

struct Options {
  std::string device;                          ///< "cuda:N", a UUID, a PCI address or "cpu"; empty: cuda:0
  std::map<std::string, std::string> outputs;  ///< format name -> file, "-" for stdout
  bool quick = false;
  bool plateau = false;
  bool sweep = false;  ///< a grid or curves are declared instead of the ordinary cases: ILP x warps per SM, shapes, …
  std::string
      sweep_over;  ///< what the user named: "shapes", "size", "in_flight", …; empty: all that the benchmark sweeps
  DataChoice data = DataChoice::random;
  std::optional<double> min_efficiency;
  bool anonymous = false;
  bool list = false;
  bool skip_if_no_gpu = false;
  double launch_timeout_s = 60;               ///< a launch that takes longer means a hung device
  double silence_s = 0;                       ///< a worker that tells nothing for so long hangs; 0: as its options need
  double epoch_s = 0;                         ///< steady clock's time that telemetry counts from; 0: this run's own
  std::optional<std::int64_t> size_bytes;     ///< of one buffer of a memory benchmark
  std::optional<std::int64_t> m, n, k;        ///< of a matrix product
  std::vector<std::string> google_arguments;  ///< Google Benchmark's own flags, as given
  std::vector<std::string> argv;              ///< the whole command line, for the report

  /// Whether the curve over `what` is wanted.
  [[nodiscard]] bool sweeps(const std::string& what) const {
    return sweep && (sweep_over.empty() || sweep_over == what);
  }
};

/// Adds --json, --md and the other formats, and --anonymous.
void add_output_options(CLI::App& app, Options& options);
/// Adds --timeout.
void add_launch_timeout(CLI::App& app, Options& options);
/// Adds the output options and all that measuring takes. `options` is filled when the app parses.
void add_measuring_options(CLI::App& app, Options& options);
/// Adds --sweep [WHAT]: of the one benchmark that a bench_* executable is.
void add_sweep_option(CLI::App& app, Options& options);
/// Adds --sweep NAME, which may be given several times and takes several names with commas between them.
void add_sweep_names(CLI::App& app, Options& options, std::vector<std::string>& names);

/// "--json" and its like take a file only after "=": rewrites a bare one to "--json=-", so that what follows is never
/// swallowed. Works on everything after the program's name.
[[nodiscard]] std::vector<std::string> with_explicit_outputs(std::vector<std::string> arguments);

/// The benchmarks that a command line means: those named, or those to sweep. Throws UsageError for names beside --sweep
/// that are others than the swept ones, for a sweep named twice, and for a name that `known` lacks.
[[nodiscard]] std::vector<std::string> benchmarks_meant(const std::vector<std::string>& named,
                                                        const std::vector<std::string>& swept,
                                                        const std::vector<std::string>& known);

/// The parts between the commas; "a," has two, the second of them empty.
[[nodiscard]] std::vector<std::string> split(const std::string& list);

/// Whether the text could name a device at all, which can be said without a driver.
[[nodiscard]] bool names_a_device(const std::string& text);

/// Checks what CLI11 cannot (two outputs on stdout, options that exclude each other, Google Benchmark's output flags).
/// Throws UsageError.
void validate(Options& options);

}  // namespace peakproof::bench
