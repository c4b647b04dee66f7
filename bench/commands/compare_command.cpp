// peakproof compare: two saved reports, with the statistics of both.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "bench/commands/command.hpp"
#include "bench/commands/judging.hpp"
#include "bench/harness/errors.hpp"
#include "bench/harness/report_writer.hpp"
#include "reports/comparison.hpp"
#include "reports/verdict.hpp"
#include "reports/write_file.hpp"

namespace peakproof::bench {
namespace {

struct Arguments {
  std::string before;
  std::string after;
  double tolerance = 0.01;
  bool allow_other_device = false;
  std::string json;      ///< a file, "-" for stdout; empty: not wanted
  std::string markdown;  ///< the same
};

/// Whether it went to stdout. Throws WriteError.
bool write(const std::string& file, const std::string& text) {
  if (file.empty()) return false;
  if (file != "-") reports::write_file(file, text);
  if (file != "-") return false;
  write_stdout(text);
  return true;
}

int compare_files(const Arguments& arguments) {
  if (arguments.json == "-" && arguments.markdown == "-")
    throw UsageError("--json and --md both write to stdout: give a file to one, such as --md=out.md");
  const reports::Report before = read_report(arguments.before);
  const reports::Report after = read_report(arguments.after);
  if (const auto other = reports::incompatibilities(before, after); !other.empty() && !arguments.allow_other_device)
    throw UsageError(
        fmt::format("{} and {} are not of the same device: {} (compare them all the same with "
                    "--allow-other-device)",
                    arguments.before, arguments.after, fmt::join(other, "; ")));
  const auto comparison = reports::compare(before, after, arguments.tolerance);
  const int code = reports::exit_code(comparison);
  try {
    const bool json = write(arguments.json, reports::to_json(comparison));
    const bool markdown = write(arguments.markdown, reports::to_markdown(comparison));
    if (!json && !markdown) write("-", reports::to_text(comparison));
  } catch (const reports::WriteError& error) {
    fmt::print(stderr, "error: the comparison was not written: {}\n", error.what());
    return code == reports::exit_pass ? static_cast<int>(reports::exit_report_not_written) : code;
  }
  return code;
}

}  // namespace

void add_compare_command(CLI::App& app, Program& program) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("compare", "two saved reports side by side, with the statistics of both");
  command->add_option("before", arguments->before, "the older report (JSON or HTML)")->required();
  command->add_option("after", arguments->after, "the newer report")->required();
  command->add_option("--tolerance", arguments->tolerance, "smaller differences are none (default: 0.01)")
      ->type_name("X")
      ->check([](const std::string& text) -> std::string {
        double value = -1;
        if (CLI::detail::lexical_cast(text, value) && value >= 0 && value < 0.5) return {};
        return fmt::format("'{}' is no tolerance: give a fraction from 0 to below 0.5, such as 0.01", text);
      });
  command->add_flag("--allow-other-device", arguments->allow_other_device, "compare different boards too");
  for (const auto& [option, file, what] :
       {std::tuple{"--json", &arguments->json, "JSON"}, std::tuple{"--md", &arguments->markdown, "GitHub Markdown"}})
    command->add_option(option, *file, fmt::format("{}; to FILE, or to stdout without =FILE", what))
        ->type_name("[=FILE]")
        ->check([name = std::string(option)](const std::string& text) {
          return text.empty() ? fmt::format("{}= needs a file name (or {} alone for stdout)", name, name) : "";
        });
  command->footer(
      "Exit codes: 0 nothing is slower, 1 something is slower or missing, 2 not to be compared, "
      "3 something has no figure that could be compared.");
  command->final_callback(
      [arguments, &program] { program.action = [arguments] { return compare_files(*arguments); }; });
}

}  // namespace peakproof::bench
