// What the commands that judge saved reports share: reading them, and the terms that they are judged by.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "reports/baseline.hpp"
#include "reports/evaluate.hpp"
#include "reports/policy.hpp"
#include "reports/result.hpp"

namespace CLI {
class App;
}

namespace peakproof::bench {

/// The report in this text, the JSON or the HTML page that was written. Throws UsageError that names the file: no report,
/// of another major version, or one that contradicts itself.
[[nodiscard]] reports::Report report_of(const std::string& file, const std::string& text);
/// The same of a file. Throws UsageError where it cannot be read, too.
[[nodiscard]] reports::Report read_report(const std::string& file);
/// Throws UsageError that names the file.
[[nodiscard]] reports::Baseline read_baseline_file(const std::string& file);

/// By what a report is to be judged, as the command line says.
struct JudgingOptions {
  std::string policy;    ///< a file; empty: the one that the reports were judged by, else the default
  std::string baseline;  ///< a file; empty: none
  bool without_baseline = false;
};
/// Adds --policy, --baseline and --without-baseline.
void add_judging_options(CLI::App& app, JudgingOptions& options);

/// Keeps policy and baseline, so that the terms can point to them.
class Judging {
 public:
  /// Reads, lints and matches. Where no policy is named, the one that all reports were judged by, or else the default.
  /// Throws UsageError: unreadable, a policy that must not be used, a baseline that is not of the reports' devices, no
  /// baseline where one was used before. Remarks go to stderr.
  Judging(const JudgingOptions& options, std::span<const reports::Report> reports);
  [[nodiscard]] reports::Terms terms() const { return {&policy_, baseline_ ? &*baseline_ : nullptr}; }

 private:
  reports::Policy policy_;
  std::optional<reports::Baseline> baseline_;
};

}  // namespace peakproof::bench
