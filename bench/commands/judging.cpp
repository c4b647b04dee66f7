#include "bench/commands/judging.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <set>
#include <string_view>
#include <vector>

#include "bench/commands/read_file.hpp"
#include "bench/harness/errors.hpp"
#include "bench/harness/known_results.hpp"
#include "reports/embedded.hpp"
#include "reports/fleet.hpp"
#include "reports/format.hpp"

namespace peakproof::bench {
namespace {

/// The boards that the reports are about, each once.
std::vector<theory::DeviceSpec> boards_of(std::span<const reports::Report> all) {
  std::vector<theory::DeviceSpec> boards;
  std::set<std::string> names;
  for (const auto& report : all)
    for (const auto* device : reports::devices_of(report))
      if (names.insert(device->device.spec.name).second) boards.push_back(device->device.spec);
  return boards;
}

/// The policy that all reports were judged by; empty where they were not, or by different ones. That it is the one whose
/// SHA-256 a report gives was checked when it was read.
std::string common_policy(std::span<const reports::Report> all) {
  std::set<std::string> texts;
  for (const auto& report : all) {
    if (report.acceptance && report.acceptance->policy_text.empty() && !report.acceptance->policy_sha256.empty())
      throw UsageError(
          fmt::format("a report holds only the SHA-256 of its policy ({}): name the policy with --policy=FILE",
                      report.acceptance->policy_sha256));
    texts.insert(report.acceptance ? report.acceptance->policy_text : "");
  }
  if (texts.size() == 1) return *texts.begin();
  fmt::print(stderr,
             "warning: the reports were judged by {} different policies or by none: all are judged by the default "
             "one now (or name one with --policy)\n",
             texts.size());
  return {};
}

reports::Policy policy_of(const std::string& file, std::span<const reports::Report> all) {
  try {
    if (!file.empty()) return reports::read_policy(read_file(file));
    const std::string kept = common_policy(all);
    return kept.empty() ? reports::default_policy() : reports::read_policy(kept);
  } catch (const reports::ReadError& error) {
    throw UsageError(fmt::format("{}: {}", file.empty() ? "the policy in the report" : file, error.what()));
  }
}

/// The baseline that one of the reports was judged against; empty: none was.
std::string baseline_before(const reports::Report& report) {
  if (report.acceptance && !report.acceptance->baseline_sha256.empty()) return report.acceptance->baseline_sha256;
  for (const auto& member : report.members)
    if (std::string found = baseline_before(member); !found.empty()) return found;
  return {};
}

/// What was judged against a baseline is not quietly judged without it.
void require_baseline(const JudgingOptions& options, std::span<const reports::Report> all) {
  if (!options.baseline.empty() && options.without_baseline)
    throw UsageError("--baseline and --without-baseline exclude each other: give one");
  if (!options.baseline.empty() || options.without_baseline) return;
  for (const auto& report : all)
    if (const std::string before = baseline_before(report); !before.empty())
      throw UsageError(
          fmt::format("judged against a baseline before (SHA-256 {}): name it with --baseline=FILE, or judge "
                      "--without-baseline",
                      before));
}

void require_sound(const std::string& file, const reports::Policy& policy, std::span<const reports::Report> all) {
  const auto problems = reports::lint(policy, boards_of(all), known_results());
  if (problems.empty()) return;
  const auto& first = problems.front();
  throw UsageError(fmt::format("{}: rule {}: {}{} (see peakproof policy lint)", file.empty() ? "the policy" : file,
                               first.rule, first.text,
                               problems.size() > 1 ? fmt::format("; {} more problems", problems.size() - 1) : ""));
}

}  // namespace

reports::Report report_of(const std::string& file, const std::string& text) {
  try {
    reports::Report report = reports::from_json(reports::json_of(text));
    if (const std::string problem = reports::contradiction(report); !problem.empty())
      throw UsageError(fmt::format("{} contradicts itself and cannot be believed: {}", file, problem));
    return report;
  } catch (const reports::ReadError& error) {
    throw UsageError(fmt::format("{}: {}", file, error.what()));
  }
}

reports::Report read_report(const std::string& file) { return report_of(file, read_file(file)); }

reports::Baseline read_baseline_file(const std::string& file) {
  try {
    return reports::read_baseline(read_file(file));
  } catch (const reports::ReadError& error) {
    throw UsageError(fmt::format("{}: {}", file, error.what()));
  }
}

void add_judging_options(CLI::App& app, JudgingOptions& options) {
  app.add_option("--policy", options.policy,
                 "judge by this policy (default: the one that was used before, else the built-in one)")
      ->type_name("FILE");
  app.add_option("--baseline", options.baseline, "hold the results against this baseline too")->type_name("FILE");
  app.add_flag("--without-baseline", options.without_baseline, "leave out the baseline that was used before");
}

Judging::Judging(const JudgingOptions& options, std::span<const reports::Report> reports)
    : policy_(policy_of(options.policy, reports)) {
  require_sound(options.policy, policy_, reports);
  require_baseline(options, reports);
  if (options.baseline.empty()) return;
  baseline_ = read_baseline_file(options.baseline);
  std::set<std::string> remarks;
  for (const auto& report : reports) {
    if (const auto wrong = reports::mismatches(*baseline_, report); !wrong.empty())
      throw UsageError(
          fmt::format("{}: not a baseline of these devices: {}", options.baseline, fmt::join(wrong, "; ")));
    for (const std::string& remark : reports::remarks(*baseline_, report)) remarks.insert(remark);
  }
  for (const std::string& remark : remarks) fmt::print(stderr, "warning: {}: {}\n", options.baseline, remark);
}

}  // namespace peakproof::bench
