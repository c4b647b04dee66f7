// One rule of an acceptance held against one figure. Plain data; made by evaluate() (reports/evaluate.hpp).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/verdict.hpp"

namespace peakproof::reports {

enum class Status {
  pass,
  warn,  ///< worth a look; the device is accepted all the same
  fail,
  error,  ///< could not be decided: unreadable, contaminated, missing. Where the check is required, inconclusive
  skip,   ///< does not apply to this device or run, with the reason. Where the check is required, inconclusive
};
[[nodiscard]] std::string_view name(Status status);
[[nodiscard]] std::optional<Status> status_from_name(std::string_view name);

struct Check {
  std::string code;     ///< of the table in reports/codes.cpp: "PP-1101"
  std::string id;       ///< the rule's: "performance.issue.fp32_fma"
  std::string subject;  ///< the result's row_name(), the counter, the GPU; empty: the whole report
  Status status = Status::error;
  bool required = true;
  bool device_fault = false;  ///< its failure is a fault of the device (exit 4), no mere rejection
  std::string message;        ///< what was found, with the figures and the limit
  std::optional<double> measured;
  std::optional<double> limit;
  std::string unit;    ///< of both: "" for a fraction, "B/s", "errors", "s", …
  std::string source;  ///< of the limit
  /// How many measurements decided (a performance failure is measured again: two of three decide), and how many failed.
  int attempts = 1;
  int failed_attempts = 0;
};

/// The exit code of an acceptance: 128+n > 4 > 1 > 3 > 5 > 0. A required check that is an error or a skip is
/// inconclusive; so is an acceptance without any required check that passed.
[[nodiscard]] int exit_code(std::span<const Check> checks, const RunEvents& events);

/// The one of two exit codes that takes precedence: 128+n > 4 > 1 > 3 > 5 > 0; of two signals the higher. What is no exit
/// code of a verdict counts as inconclusive.
[[nodiscard]] int worse(int a, int b);

}  // namespace peakproof::reports
