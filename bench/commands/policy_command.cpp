// peakproof policy: whether a policy can be meant as it stands, the default one, and the table of codes.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "bench/commands/command.hpp"
#include "bench/commands/read_file.hpp"
#include "bench/harness/device.hpp"
#include "bench/harness/errors.hpp"
#include "bench/harness/known_results.hpp"
#include "reports/codes.hpp"
#include "reports/format.hpp"
#include "reports/policy.hpp"
#include "reports/verdict.hpp"
#include "reports/write_file.hpp"
#include "theory/boards.hpp"

namespace peakproof::bench {
namespace {

struct LintArguments {
  std::string file;
  std::string device;
  std::vector<std::string> boards;
};

int lint_policy(const LintArguments& arguments) {
  std::vector<theory::DeviceSpec> devices;
  for (const std::string& board : arguments.boards) {
    const auto search = theory::find_board(board);
    if (!search.board) throw UsageError(search.error);
    devices.push_back(theory::device_spec(*search.board));
  }
  if (!arguments.device.empty())
    devices.push_back(open_device({.device = arguments.device})->backend().description().spec);
  try {
    const reports::Policy policy = reports::read_policy(read_file(arguments.file));
    const auto problems = reports::lint(policy, devices, known_results());
    for (const auto& [rule, text] : problems)
      fmt::print("{}: {}{}: {}\n", arguments.file, rule.empty() ? "" : "rule ", rule.empty() ? "the policy" : rule,
                 text);
    if (!problems.empty()) return reports::exit_usage;
    fmt::print("{}: policy {} {}, {} rules, nothing wrong, sha256 {}\n", arguments.file, policy.name, policy.version,
               policy.rules.size(), policy.sha256);
    return reports::exit_pass;
  } catch (const reports::ReadError& error) {
    throw UsageError(fmt::format("{}: {}", arguments.file, error.what()));
  }
}

void add_lint(CLI::App& policy, Program& program) {
  const auto arguments = std::make_shared<LintArguments>();
  CLI::App* command = policy.add_subcommand("lint", "say what is wrong with a policy; exit code 2 where anything is");
  command->add_option("file", arguments->file, "the policy, JSON with comments")->required()->type_name("FILE");
  command->add_option("--board", arguments->boards, "known boards that its absolute limits are meant for");
  command->add_option("--device", arguments->device, "a device of this machine that they are meant for");
  command->footer("Without --board and --device a limit must be possible on at least one known board.");
  command->final_callback([arguments, &program] { program.action = [arguments] { return lint_policy(*arguments); }; });
}

void add_show(CLI::App& policy, Program& program) {
  CLI::App* command = policy.add_subcommand("show", "print the default policy, with its comments: a place to begin");
  command->final_callback([&program] {
    program.action = [] {
      fmt::print("{}", reports::default_policy_text());
      return static_cast<int>(reports::exit_pass);
    };
  });
}

/// `markdown`: a file for the page, "-" for stdout; empty: no page.
int print_codes(const std::string& code, const std::string& markdown) {
  if (markdown == "-") {
    fmt::print("{}", reports::codes_markdown());
    return reports::exit_pass;
  }
  if (!markdown.empty()) {
    reports::write_file(markdown, reports::codes_markdown());
    return reports::exit_pass;
  }
  if (!code.empty()) {
    const reports::Code* found = reports::find_code(code);
    if (!found) throw UsageError(fmt::format("{} is no code; peakproof policy codes lists them all", code));
    fmt::print("{}", reports::code_text(*found));
    return reports::exit_pass;
  }
  for (const reports::Code& entry : reports::codes()) fmt::print("{}  {:<28} {}\n", entry.code, entry.name, entry.what);
  return reports::exit_pass;
}

void add_codes(CLI::App& policy, Program& program) {
  struct Arguments {
    std::string code;
    std::string markdown;
  };
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = policy.add_subcommand("codes", "what can be found, why it matters and what to do");
  command->add_option("code", arguments->code, "one code, such as PP-1101; all without");
  command->add_option("--md", arguments->markdown, "all of them as the page docs/checks.md; to FILE, or to stdout")
      ->type_name("[=FILE]");
  command->final_callback([arguments, &program] {
    program.action = [arguments] { return print_codes(arguments->code, arguments->markdown); };
  });
}

}  // namespace

void add_policy_command(CLI::App& app, Program& program) {
  CLI::App* command =
      app.add_subcommand("policy", "what a device must reach: look at a policy, the default, the codes");
  command->require_subcommand(1);
  add_lint(*command, program);
  add_show(*command, program);
  add_codes(*command, program);
}

}  // namespace peakproof::bench
