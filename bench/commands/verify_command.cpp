// peakproof verify: the verdict on a saved report, given again without a device.
#include <CLI/CLI.hpp>
#include <memory>

#include "bench/commands/command.hpp"
#include "bench/commands/judging.hpp"
#include "bench/harness/options.hpp"
#include "bench/harness/report_writer.hpp"
#include "reports/fleet.hpp"

namespace peakproof::bench {
namespace {

struct Arguments {
  Options options;
  JudgingOptions judging;
  std::string file;
};

int verify(const Arguments& arguments) {
  reports::Report report = read_report(arguments.file);
  const Judging judging(arguments.judging, {&report, 1});
  if (!report.acceptance) report.acceptance = reports::Acceptance{.level = "verify"};
  reports::conclude_all(report, judging.terms(), reports::events_of(report));
  const int code = report.exit_code;
  return write_reports(std::move(report), code, arguments.options);
}

}  // namespace

void add_verify_command(CLI::App& app, Program& program) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("verify", "give the verdict on a saved report again, without a device");
  command->add_option("file", arguments->file, "what --json=FILE or --html=FILE wrote")->required();
  add_judging_options(*command, arguments->judging);
  add_output_options(*command, arguments->options);
  command->footer(
      "The same figures and the same policy always give the same checks. The exit code is that of the new "
      "verdict.");
  command->final_callback([arguments, &program] {
    program.action = [arguments] {
      validate(arguments->options);
      return verify(*arguments);
    };
  });
}

}  // namespace peakproof::bench
