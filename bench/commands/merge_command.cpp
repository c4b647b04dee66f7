// peakproof merge: the reports of many nodes as one of the fleet.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <memory>
#include <regex>
#include <set>
#include <sstream>
#include <vector>

#include "bench/commands/command.hpp"
#include "bench/commands/judging.hpp"
#include "bench/commands/read_file.hpp"
#include "bench/harness/errors.hpp"
#include "bench/harness/host_info.hpp"
#include "bench/harness/options.hpp"
#include "bench/harness/report_writer.hpp"
#include "bench/harness/run_id.hpp"
#include "reports/embedded.hpp"
#include "reports/fleet.hpp"
#include "reports/format.hpp"

namespace peakproof::bench {
namespace {

struct Arguments {
  Options options;
  JudgingOptions judging;
  std::vector<std::string> files;
  std::string expect;
};

/// "12" reports, or a file with the name of a host on each line (# begins a comment).
void expect(const std::string& text, reports::Expected& expected) {
  if (text.empty()) return;
  const char* end = text.data() + text.size();
  if (const auto read = std::from_chars(text.data(), end, expected.count); read.ptr == end) {
    if (read.ec != std::errc() || expected.count <= 0)
      throw UsageError(
          fmt::format("--expect {}: give the number of reports, 1 or more, or a file of host names", text));
    return;
  }
  expected.count = 0;
  std::istringstream lines(read_file(text));
  std::set<std::string> seen;
  for (std::string line; std::getline(lines, line);) {
    line = line.substr(0, line.find('#'));
    const auto first = line.find_first_not_of(" \t\r");
    if (first == std::string::npos) continue;
    line = line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
    if (line.find_first_of(" \t,;") != std::string::npos)
      throw UsageError(fmt::format("{}: '{}' is no host name: give one a line", text, line));
    if (seen.insert(line).second) expected.hosts.push_back(line);
  }
  if (expected.hosts.empty()) throw UsageError(fmt::format("{}: names no host: give one a line", text));
}

/// The version of the schema that a report's text names, also where the rest cannot be read; empty where there is none.
std::string schema_of(const std::string& text) {
  constexpr std::size_t kLongest = 200;
  static const std::regex kSchema(R"re("peakproof"\s*:\s*\{\s*"schema"\s*:\s*"([0-9]+\.[0-9]+\.[0-9]+)")re");
  std::smatch found;
  for (auto at = text.find("\"peakproof\""); at != std::string::npos; at = text.find("\"peakproof\"", at + 1)) {
    const std::string head = text.substr(at, kLongest);
    if (std::regex_search(head, found, kSchema, std::regex_constants::match_continuous)) return found[1].str();
  }
  return {};
}

/// Reads what can be read; the rest is told to `expected`. Throws UsageError for a report of another major version.
std::vector<reports::Report> read_all(const std::vector<std::string>& files, reports::Expected& expected) {
  std::vector<reports::Report> reports;
  for (const std::string& file : files) {
    std::string text;
    try {
      text = reports::json_of(read_file(file));
      reports.push_back(report_of(file, text));
      expected.schemas.push_back(schema_of(text));
    } catch (const std::runtime_error& error) {
      const std::string schema = schema_of(text);
      const std::string own(reports::kSchemaVersion);
      const auto major = [](const std::string& version) { return version.substr(0, version.find('.')); };
      if (!schema.empty() && major(schema) != major(own))
        throw UsageError(
            fmt::format("{} is written in schema {}, this PeakProof reads {}.x: merge it with the one that "
                        "wrote it",
                        file, schema, major(own)));
      expected.unread.push_back({file, error.what()});
    }
  }
  if (reports.empty())
    throw UsageError(fmt::format("none of the files holds a report that can be used; the first: {}",
                                 expected.unread.empty() ? "none was given" : expected.unread.front().why));
  for (const auto& unread : expected.unread) fmt::print(stderr, "warning: left out: {}\n", unread.why);
  return reports;
}

int merge_files(const Arguments& arguments) {
  reports::Expected expected;
  expect(arguments.expect, expected);
  std::vector<reports::Report> all = read_all(arguments.files, expected);
  const Judging judging(arguments.judging, all);
  try {
    reports::Report fleet = reports::merge(std::move(all), expected, judging.terms());
    fleet.run_id = new_run_id();
    fleet.tool = tool_info();
    fleet.argv = arguments.options.argv;
    const int code = fleet.exit_code;
    return write_reports(std::move(fleet), code, arguments.options);
  } catch (const reports::ReadError& error) {
    throw UsageError(error.what());
  }
}

}  // namespace

void add_merge_command(CLI::App& app, Program& program) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("merge", "one report of many nodes: missing ones and outliers are named");
  command->add_option("reports", arguments->files, "JSON or HTML reports of devices, nodes or fleets")->required();
  command->add_option("--expect", arguments->expect, "how many reports there should be, or a file of host names")
      ->type_name("N|FILE");
  add_judging_options(*command, arguments->judging);
  add_output_options(*command, arguments->options);
  command->footer(
      "Every device is judged again, by one policy for all. Under srun, let each task write a file of its own "
      "(--json=report-%t.json).");
  command->final_callback([arguments, &program] {
    program.action = [arguments, &program] {
      arguments->options.argv = program.argv;
      validate(arguments->options);
      return merge_files(*arguments);
    };
  });
}

}  // namespace peakproof::bench
