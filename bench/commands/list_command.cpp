// peakproof list: the benchmarks of this build, and where each runs.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "bench/commands/command.hpp"
#include "bench/harness/registry.hpp"
#include "reports/verdict.hpp"

namespace peakproof::bench {

void add_list_command(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand("list", "the benchmarks of this build, and the devices each one measures");
  command->final_callback([&program] {
    program.action = [] {
      fmt::print("{:<20} {:<5} {:<5} executable\n", "benchmark", "GPU", "CPU");
      for (const auto& benchmark : suite())
        fmt::print("{:<20} {:<5} {:<5} bench_{}\n", benchmark.name, benchmark.declare_cuda ? "yes" : "-",
                   benchmark.declare_cpu ? "yes" : "-", benchmark.name);
      return static_cast<int>(reports::exit_pass);
    };
  });
}

}  // namespace peakproof::bench
