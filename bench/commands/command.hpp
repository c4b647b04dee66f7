// The subcommands of peakproof. Each adds itself to the program and leaves behind what is to be run.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace peakproof::bench {

/// What the command line asked for; empty as long as no subcommand was parsed.
struct Program {
  std::vector<std::string> argv;
  std::function<int()> action;
  bool skip_if_no_gpu = false;
};

void add_list_command(CLI::App& app, Program& program);
void add_theory_command(CLI::App& app, Program& program);
void add_run_command(CLI::App& app, Program& program);
void add_accept_command(CLI::App& app, Program& program);
void add_report_command(CLI::App& app, Program& program);
void add_compare_command(CLI::App& app, Program& program);
void add_verify_command(CLI::App& app, Program& program);
void add_merge_command(CLI::App& app, Program& program);
void add_baseline_command(CLI::App& app, Program& program);
void add_model_command(CLI::App& app, Program& program);
void add_policy_command(CLI::App& app, Program& program);
void add_quality_command(CLI::App& app, Program& program);
void add_selftest_command(CLI::App& app, Program& program);
/// What a supervisor starts for one benchmark on one device; not for people.
void add_worker_command(CLI::App& app, Program& program);
void add_doctor_command(CLI::App& app, Program& program);

}  // namespace peakproof::bench
