// peakproof run: several benchmarks in one process, one report.
#include <CLI/CLI.hpp>
#include <memory>

#include "bench/commands/command.hpp"
#include "bench/harness/options.hpp"
#include "bench/harness/runner.hpp"

namespace peakproof::bench {

void add_run_command(CLI::App& app, Program& program) {
  struct Arguments {
    Options options;
    std::vector<std::string> names;
    std::vector<std::string> sweeps;
  };
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("run", "measure the whole suite, or the benchmarks named");
  command->add_option("names", arguments->names, "benchmarks (see peakproof list); none: all of them");
  command->allow_extras();
  add_measuring_options(*command, arguments->options);
  add_sweep_names(*command, arguments->options, arguments->sweeps);
  command->final_callback([arguments, command, &program] {
    arguments->options.argv = program.argv;
    for (const auto& extra : command->remaining()) arguments->options.google_arguments.push_back(extra);
    program.skip_if_no_gpu = arguments->options.skip_if_no_gpu;
    program.action = [arguments] {
      validate(arguments->options);
      std::vector<std::string> known;
      for (const auto& benchmark : suite()) known.emplace_back(benchmark.name);
      return run_benchmarks(arguments->options, select(benchmarks_meant(arguments->names, arguments->sweeps, known)));
    };
  });
}

}  // namespace peakproof::bench
