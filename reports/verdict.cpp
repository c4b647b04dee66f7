#include "reports/verdict.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace peakproof::reports {
namespace {

struct Row {
  Verdict verdict;
  std::string_view name;
  std::string_view explanation;
};

constexpr std::array kVerdicts = {
    Row{Verdict::pass, "pass", "The answer is right and the rate lies between the floor and the peak."},
    Row{Verdict::below, "below",
        "The rate is below the floor: look at the named losses, then at clocks, power, cooling and other processes."},
    Row{Verdict::above_theory, "above_theory",
        "The rate is above the peak at the measured clock: a work count, a timer or a table row is wrong; report it, "
        "do "
        "not use the figure."},
    Row{Verdict::noisy, "noisy",
        "The samples are too few, too spread or disturbed by something else: stop other work on the machine and "
        "measure again."},
    Row{Verdict::incorrect, "incorrect",
        "The answer is wrong or unchecked: the rate means nothing; suspect the device."},
    Row{Verdict::error, "error",
        "The measurement failed, gave no usable number, or ran machine code that does not hold the claimed work: read "
        "the "
        "note, mend the cause and measure again."},
    Row{Verdict::no_theory, "no_theory",
        "Measured and reported, but not judged: no peak or no floor with a source is known for it on this device."},
    Row{Verdict::skipped, "skipped",
        "Not measured, because the device or the build lacks the operation: see the note."},
};

bool any_of(std::span<const Verdict> verdicts, std::initializer_list<Verdict> wanted) {
  return std::find_first_of(verdicts.begin(), verdicts.end(), wanted.begin(), wanted.end()) != verdicts.end();
}

bool positive(double x) { return std::isfinite(x) && x > 0; }

bool is_error(const Evidence& e) {
  return e.failed || e.audit_failed || e.samples <= 0 || !positive(e.median_s) ||
         (e.efficiency && !positive(*e.efficiency)) || (e.floor && !positive(*e.floor));
}

bool is_noisy(const Evidence& e, const Limits& limits) {
  const bool quiet = e.spread >= 0 && e.spread <= limits.max_spread;  // false for NaN
  return !(e.contaminated <= limits.max_contaminated) || e.samples < limits.min_samples || !quiet;
}

}  // namespace

std::string_view name(Verdict verdict) {
  for (const Row& row : kVerdicts) {
    if (row.verdict == verdict) return row.name;
  }
  return "error";
}

std::optional<Verdict> verdict_from_name(std::string_view name) {
  for (const Row& row : kVerdicts) {
    if (row.name == name) return row.verdict;
  }
  return std::nullopt;
}

std::string_view explain(Verdict verdict) {
  for (const Row& row : kVerdicts) {
    if (row.verdict == verdict) return row.explanation;
  }
  return "Unknown verdict: the measurement cannot be used.";
}

Verdict judge(const Evidence& evidence, const Limits& limits) {
  if (is_error(evidence)) return Verdict::error;
  if (!evidence.verified) return Verdict::incorrect;
  if (is_noisy(evidence, limits)) return Verdict::noisy;
  if (!evidence.efficiency) return Verdict::no_theory;
  if (*evidence.efficiency > limits.max_efficiency) return Verdict::above_theory;
  if (!evidence.floor) return Verdict::no_theory;
  return *evidence.efficiency >= *evidence.floor ? Verdict::pass : Verdict::below;
}

int exit_code(std::span<const Verdict> verdicts, const RunEvents& events) {
  if (events.signal > 0) return exit_signal_base + events.signal;
  if (events.device_fault) return exit_device_fault;
  if (any_of(verdicts, {Verdict::below, Verdict::incorrect})) return exit_rejected;
  const bool nothing_measured =
      std::all_of(verdicts.begin(), verdicts.end(), [](Verdict v) { return v == Verdict::skipped; });
  if (nothing_measured || events.missing != 0 ||
      any_of(verdicts, {Verdict::noisy, Verdict::error, Verdict::above_theory})) {
    return exit_inconclusive;
  }
  return events.report_not_written ? exit_report_not_written : exit_pass;
}

std::string_view verdict_of_exit_code(int code) {
  switch (code) {
    case exit_pass:
      return "pass";
    case exit_rejected:
      return "rejected";
    case exit_usage:
      return "usage";
    case exit_inconclusive:
      return "inconclusive";
    case exit_device_fault:
      return "device_fault";
    case exit_report_not_written:
      return "report_not_written";
    case exit_nothing_to_test:
      return "nothing_to_test";
    default:
      return code > exit_signal_base ? "interrupted" : "unknown";
  }
}

}  // namespace peakproof::reports
