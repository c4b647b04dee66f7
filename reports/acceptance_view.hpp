// How an acceptance is told to people: what the text for a terminal and the Markdown share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/render.hpp"
#include "reports/result.hpp"

namespace peakproof::reports {

/// Whether the report is told check by check: an acceptance, or several devices.
[[nodiscard]] bool told_by_checks(const Report& report);

/// "FAIL", "WARN", …
[[nodiscard]] std::string status_word(Status status);

/// All checks of this status, the report's own first and then its members', as "FAIL PP-1101" and what was found.
[[nodiscard]] std::vector<Line> check_lines(const Report& report, Status status);
/// The skipped checks, those with one reason together: how many, why, and by which rules.
[[nodiscard]] std::vector<Line> skipped_check_lines(const Report& report);
/// "12 checks passed: 4 correctness, 8 performance"; empty where none did.
[[nodiscard]] std::string passed_text(const Report& report);
/// What to do about what was found, once for each code.
[[nodiscard]] std::vector<Line> next_step_lines(const Report& report);

/// One result in a line. Of a fleet only the results that did not pass, since there are too many.
struct ToldResult {
  std::string name;
  std::string device;      ///< "GPU0 165…3047"; empty where the report is of one device
  std::string achieved;    ///< "64.9 TFLOP/s"
  std::string efficiency;  ///< "97.0% spec | 98.4% issue x 98.6% clock (sw_power_cap 12.0 %)"
  std::string outcome;     ///< "PASS": the worst status of the checks on it; its verdict where no check is
  const Report* report = nullptr;
  const Result* result = nullptr;
};
/// Whether what stands behind the result is told: it did not pass, and it was to be judged.
[[nodiscard]] bool needs_explanation(const ToldResult& line);
[[nodiscard]] std::vector<ToldResult> told_results(const Report& report);

/// The members: name, device, verdict, how many checks failed. Empty where there are none. The first row is the head.
[[nodiscard]] std::vector<std::vector<std::string>> member_table(const Report& report);
/// Level, policy, baseline, time, completeness, claim.
[[nodiscard]] std::vector<Line> acceptance_lines(const Report& report);
/// Who each device is: serial, UUID, PCI address, VBIOS, power limit, ECC, MIG. Of a fleet nothing.
[[nodiscard]] std::vector<Line> identity_lines(const Report& report);
/// Where the health comes from, the counters that changed or could not be read, and what the driver reported.
[[nodiscard]] std::vector<Line> health_lines(const Report& report);
/// unmeasured_lines() of all devices.
[[nodiscard]] std::vector<Line> untested_lines(const Report& report);

}  // namespace peakproof::reports
