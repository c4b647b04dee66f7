// peakproof doctor: can this machine be measured, and what is in the way?
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string_view>

#include "bench/commands/command.hpp"
#include "bench/harness/device.hpp"
#include "bench/harness/errors.hpp"
#include "bench/harness/host_info.hpp"
#include "reports/verdict.hpp"

namespace peakproof::bench {
namespace {

void print_facts(const reports::Texts& facts) {
  for (const auto& [key, value] : facts)
    if (!value.empty()) fmt::print("  {:<28} {}\n", key, value);
}

int examine() {
  const auto host = host_info();
  fmt::print("{}\nhost\n  {:<28} {}\n  {:<28} {} ({} CPUs)\nbuild\n", version_line(), "system", host.os, "processor",
             host.cpu, host.cpu_count);
  print_facts(tool_info().facts);
  try {
    const auto device = open_device({});
    const auto& description = device->backend().description();
    fmt::print("GPU\n  {:<28} {}{}\n", "name", description.spec.name, description.stand_in ? " (STAND-IN)" : "");
    print_facts(description.facts);
    fmt::print("ready: the GPU can be measured (peakproof run)\n");
    return reports::exit_pass;
  } catch (const NoDevice& error) {
    fmt::print("GPU\n  {}\nnot ready: only the CPU can be measured (peakproof run --device cpu)\n", error.what());
    return reports::exit_inconclusive;
  }
}

}  // namespace

void add_doctor_command(CLI::App& app, Program& program) {
  CLI::App* command =
      app.add_subcommand("doctor", "say whether this machine's GPU can be measured, and what is in the way");
  command->footer("Exit codes: 0 the GPU can be measured, 3 there is none to measure, 4 it is faulty.");
  command->final_callback([&program] { program.action = examine; });
}

}  // namespace peakproof::bench
