// The suite and its subcommands.
#include <CLI/CLI.hpp>

#include "bench/commands/command.hpp"
#include "bench/harness/host_info.hpp"
#include "bench/harness/runner.hpp"
#include "reports/verdict.hpp"

namespace peakproof::bench {
namespace {

int run_program(int argc, char** argv) {
  Program program;
  program.argv.assign(argv, argv + argc);
  CLI::App app("PeakProof: what an NVIDIA GPU really reaches, held against what theory gives for it", "peakproof");
  app.set_version_flag("--version", version_line());
  app.require_subcommand(1);
  app.footer("Each subcommand has its own --help.");
  add_list_command(app, program);
  add_theory_command(app, program);
  add_run_command(app, program);
  add_accept_command(app, program);
  add_report_command(app, program);
  add_compare_command(app, program);
  add_verify_command(app, program);
  add_merge_command(app, program);
  add_baseline_command(app, program);
  add_model_command(app, program);
  add_policy_command(app, program);
  add_quality_command(app, program);
  add_selftest_command(app, program);
  add_doctor_command(app, program);
  add_worker_command(app, program);
  if (const auto code = parse(app, {argv + 1, argv + argc})) return *code;
  return guarded(program.skip_if_no_gpu, program.action);
}

}  // namespace
}  // namespace peakproof::bench

int main(int argc, char** argv) try { return peakproof::bench::run_program(argc, argv); } catch (...) {
  return peakproof::reports::exit_inconclusive;
}
