// peakproof baseline: what a kind of device is known to reach, made from several reports.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <vector>

#include "bench/commands/command.hpp"
#include "bench/commands/judging.hpp"
#include "bench/harness/errors.hpp"
#include "bench/harness/host_info.hpp"
#include "bench/harness/report_writer.hpp"
#include "reports/baseline.hpp"
#include "reports/format.hpp"
#include "reports/verdict.hpp"
#include "reports/write_file.hpp"

namespace peakproof::bench {
namespace {

struct Arguments {
  std::vector<std::string> files;
  std::string out;  ///< a file, "-" for stdout
  bool allow_stand_in = false;
};

void warn(const reports::Baseline& baseline) {
  for (const std::string& warning : reports::warnings(baseline)) fmt::print(stderr, "warning: {}\n", warning);
}

int create(const Arguments& arguments) {
  std::vector<reports::Report> reports;
  for (const std::string& file : arguments.files) reports.push_back(read_report(file));
  try {
    reports::Baseline baseline = reports::create_baseline(reports, arguments.allow_stand_in, arguments.files);
    baseline.created = timestamp();
    const std::string text = reports::to_json(baseline);
    warn(baseline);
    if (arguments.out != "-") {
      reports::write_file(arguments.out, text);
      fmt::print("{}", reports::to_text(reports::read_baseline(text)));
    } else {
      write_stdout(text);
    }
  } catch (const reports::ReadError& error) {
    throw UsageError(fmt::format("no baseline was made: {}", error.what()));
  }
  return reports::exit_pass;
}

int show(const Arguments& arguments) {
  fmt::print("{}", reports::to_text(read_baseline_file(arguments.files.front())));
  return reports::exit_pass;
}

int check(const Arguments& arguments) {
  const reports::Baseline baseline = read_baseline_file(arguments.files.front());
  warn(baseline);
  fmt::print("{}: sealed and whole, {} entries of {} (SHA-256 {})\n", arguments.files.front(), baseline.entries.size(),
             baseline.device, baseline.sha256);
  return reports::exit_pass;
}

}  // namespace

void add_baseline_command(CLI::App& app, Program& program) {
  CLI::App* baseline = app.add_subcommand("baseline", "what a kind of device is known to reach: make, show, check");
  baseline->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, int (*action)(const Arguments&)) {
    const auto arguments = std::make_shared<Arguments>();
    CLI::App* command = baseline->add_subcommand(name, help);
    command->final_callback([arguments, action, &program] { program.action = [=] { return action(*arguments); }; });
    return std::pair(command, arguments);
  };
  const auto [make, made] = add("create", "make one from at least 3 reports of devices of one kind", &create);
  make->add_option("reports", made->files, "JSON or HTML reports; each device of a node counts as one")->required();
  make->add_option("-o,--json", made->out, "where to; to stdout without =FILE")->required()->type_name("[=FILE]");
  make->add_flag("--allow-stand-in", made->allow_stand_in)->group("");  // for the tests
  make->footer(
      "Refused (exit 2): figures below their floor or above the peak, devices, drivers, power limits or ECC that "
      "differ, runs that were interrupted. Outliers are left out, and that is said.");
  const auto [display, displayed] = add("show", "what it was made from, and its figures", &show);
  display->add_option("file", displayed->files, "a baseline")->required()->expected(1);
  const auto [prove, proved] = add("check", "whether its seal holds, and what makes it weak", &check);
  prove->add_option("file", proved->files, "a baseline")->required()->expected(1);
}

}  // namespace peakproof::bench
