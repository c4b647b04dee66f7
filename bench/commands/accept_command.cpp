// peakproof accept: from measurements to a verdict, with a policy, on one GPU or all of a node.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <optional>

#include "bench/commands/command.hpp"
#include "bench/commands/judging.hpp"
#include "bench/commands/read_file.hpp"
#include "bench/harness/acceptance.hpp"
#include "bench/harness/errors.hpp"
#include "bench/harness/known_results.hpp"
#include "bench/harness/registry.hpp"
#include "bench/harness/runner.hpp"
#include "reports/codes.hpp"
#include "reports/format.hpp"

namespace peakproof::bench {
namespace {

struct Arguments {
  Options options;
  std::vector<std::string> names;
  std::string level = "quick";
  std::optional<double> hours;
  std::string policy;
  std::string baseline;
  bool parallel = false;
  std::optional<int> expect_gpus;
  bool resume = false;
  bool dry_run = false;
  bool no_retest = false;
  bool strict = false;
  bool quiet = false;
  std::string explain;
};

int explain(const std::string& code) {
  const reports::Code* found = reports::find_code(code);
  if (found == nullptr)
    throw UsageError(fmt::format("--explain {}: no such code: peakproof policy codes lists them", code));
  fmt::print("{}", reports::code_text(*found));
  return reports::exit_pass;
}

/// Throws UsageError for what does not go together.
void require_consistent(const Arguments& arguments) {
  const bool soak = arguments.level == "soak";
  const bool cpu = arguments.options.device == "cpu";
  if (soak && !arguments.hours) throw UsageError("--level soak needs its length: give --hours H");
  if (!soak && arguments.hours)
    throw UsageError(fmt::format("--hours is for --level soak: level {} has a length of its own", arguments.level));
  if (cpu && arguments.expect_gpus) throw UsageError("--expect-gpus goes without --device cpu");
  if (!arguments.resume) return;
  if (soak) throw UsageError("--resume goes without --level soak: what counts is the time without interruption");
  const auto json = arguments.options.outputs.find("json");
  if (json == arguments.options.outputs.end() || json->second == "-")
    throw UsageError("--resume needs --json=FILE: the report to go on with");
}

reports::Policy policy_of(const std::string& file) try {
  return file.empty() ? reports::default_policy() : reports::read_policy(read_file(file));
} catch (const reports::ReadError& error) {
  throw UsageError(fmt::format("{}: {}", file, error.what()));
}

/// What was saved before; nothing where there is no file yet.
std::optional<reports::Report> saved_report(const Arguments& arguments) {
  if (!arguments.resume) return std::nullopt;
  const std::string& file = arguments.options.outputs.at("json");
  if (std::error_code ignored; !std::filesystem::exists(file, ignored)) return std::nullopt;
  reports::Report report = read_report(file);
  if (!report.acceptance)
    throw UsageError(fmt::format("--resume: {} is not of an acceptance: name another file", file));
  if (report.acceptance->level != arguments.level)
    throw UsageError(fmt::format("--resume: {} is of level {}, not {}: name another file", file,
                                 report.acceptance->level, arguments.level));
  if (report.anonymous)
    throw UsageError(fmt::format("--resume: {} withholds which device it is of: name another file", file));
  return report;
}

int run_accept(Arguments& arguments) {
  if (!arguments.explain.empty()) return explain(arguments.explain);
  validate(arguments.options);
  require_consistent(arguments);
  static_cast<void>(select(arguments.names));
  const reports::Policy policy = policy_of(arguments.policy);
  std::optional<reports::Baseline> baseline;
  if (!arguments.baseline.empty()) baseline = read_baseline_file(arguments.baseline);
  AcceptOptions options{.options = arguments.options,
                        .names = arguments.names,
                        .level = find_level(arguments.level),
                        .hours = arguments.hours.value_or(0),
                        .parallel = arguments.parallel,
                        .expect_gpus = arguments.expect_gpus.value_or(0),
                        .dry_run = arguments.dry_run,
                        .measure_again = !arguments.no_retest,
                        .strict = arguments.strict,
                        .quiet = arguments.quiet,
                        .terms = {&policy, baseline ? &*baseline : nullptr},
                        .known = known_results(),
                        .done = saved_report(arguments)};
  if (options.options.device.empty()) options.options.device = "all";
  return accept(options);
}

std::string check_number(const std::string& text, double most, const char* what) {
  double value = 0;
  if (CLI::detail::lexical_cast(text, value) && value > 0 && value <= most) return {};
  return fmt::format("'{}' is no {}: give a number above 0 and up to {:g}", text, what, most);
}

void add_options(CLI::App& app, Arguments& arguments) {
  app.add_option("names", arguments.names, "benchmarks of the level (see peakproof list); none: all of the level");
  app.add_option("--device", arguments.options.device,
                 "all, or several of cuda:N, a UUID or a PCI address with commas between them, or cpu (default: all)");
  app.add_option(
         "--level", arguments.level,
         "quick: under a minute a GPU; standard: ten minutes; extended: an hour; soak: --hours H of the standard set")
      ->type_name("quick|standard|extended|soak")
      ->check([](const std::string& name) -> std::string {
        if (find_level(name) != nullptr) return {};
        return fmt::format("'{}' is no level: give quick, standard, extended or soak", name);
      });
  constexpr double kMostHours = 10'000;
  app.add_option("--hours", arguments.hours, "how long a soak lasts")
      ->type_name("H")
      ->check([](const std::string& text) { return check_number(text, kMostHours, "length of a soak"); });
  app.add_option("--policy", arguments.policy, "what a device must reach (default: peakproof policy show)")
      ->type_name("FILE");
  app.add_option("--baseline", arguments.baseline, "hold the results against this baseline too")->type_name("FILE");
  app.add_flag("--parallel", arguments.parallel, "measure all GPUs at once; links, which they share, in turn");
  app.add_option("--expect-gpus", arguments.expect_gpus, "reject the node where fewer GPUs than this are there")
      ->type_name("N")
      ->check([](const std::string& text) -> std::string {
        constexpr int kMost = 1024;
        int value = 0;
        if (CLI::detail::lexical_cast(text, value) && value > 0 && value <= kMost) return {};
        return fmt::format("'{}' is no number of GPUs: give 1 to {}", text, kMost);
      });
  app.add_flag("--resume", arguments.resume, "go on from what --json=FILE holds already");
  app.add_flag("--dry-run", arguments.dry_run, "print what would be measured, and how long it would take");
  app.add_flag("--no-retest", arguments.no_retest, "do not measure again what failed on performance");
  app.add_flag("--strict", arguments.strict, "a warning rejects");
  app.add_flag("--quiet", arguments.quiet, "say nothing where all is well, and errors only where it is not");
  app.add_option("--explain", arguments.explain, "print what a code such as PP-1101 means, and what to do")
      ->type_name("CODE");
  add_output_options(app, arguments.options);
  app.add_flag("--skip-if-no-gpu", arguments.options.skip_if_no_gpu, "exit 77 instead of 3 where there is no GPU");
  add_launch_timeout(app, arguments.options);
  app.footer(
      "Exit codes: 0 accepted, 1 rejected, 2 wrong usage, policy or baseline, 3 inconclusive, 4 device fault, 5 report "
      "not written.");
}

}  // namespace

void add_accept_command(CLI::App& app, Program& program) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("accept", "accept or reject GPUs by a policy");
  add_options(*command, *arguments);
  command->final_callback([arguments, &program] {
    arguments->options.argv = program.argv;
    program.skip_if_no_gpu = arguments->options.skip_if_no_gpu;
    program.action = [arguments] { return run_accept(*arguments); };
  });
}

}  // namespace peakproof::bench
