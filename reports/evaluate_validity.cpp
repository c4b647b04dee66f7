// Rules on correctness, and on whether what was measured may be believed at all.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <set>

#include "reports/evaluate_parts.hpp"
#include "reports/render.hpp"

namespace peakproof::reports {
namespace {

using Results = std::vector<const Result*>;

Results results_that(const Report& report, const std::function<bool(const Result&)>& holds) {
  Results found;
  for (const Result& result : report.results)
    if (holds(result)) found.push_back(&result);
  return found;
}

/// One check for all results where nothing is wrong, else one for each that is.
std::vector<Check> each(const Rule& rule, const Results& wrong, Status status, std::size_t looked_at,
                        std::string_view fine, const std::function<std::string(const Result&)>& message) {
  if (looked_at == 0) return {decided(check_of(rule, ""), Status::skip, "there is no result to look at")};
  if (wrong.empty()) return {decided(check_of(rule, ""), Status::pass, fmt::format("{} results: {}", looked_at, fine))};
  std::vector<Check> checks;
  for (const Result* result : wrong)
    checks.push_back(decided(check_of(rule, row_name(*result)), status, message(*result)));
  return checks;
}

std::string note_of(const Result& result) {
  return result.note.empty() ? std::string(explain(result.verdict)) : one_line(result.note);
}

std::vector<Check> check_complete(const Rule& rule, const Report& report) {
  const auto& [planned, missing] = report.completeness;
  Check check = check_of(rule, "");
  check.measured = static_cast<double>(missing.size());
  check.limit = 0;
  check.unit = "results";
  if (planned.empty()) return {decided(std::move(check), Status::error, "nothing was planned, so nothing is proven")};
  if (!missing.empty()) {
    std::string text =
        fmt::format("{} of {} planned results are missing: {}", missing.size(), planned.size(), listed(missing));
    for (const auto& [name, why] : report.device.facts)
      if (name.starts_with("missing")) text += fmt::format("; {}: {}", name, one_line(why));
    return {decided(std::move(check), rule.outcome, std::move(text))};
  }
  const std::set<std::string> plan(planned.begin(), planned.end());
  std::set<std::string> measured;
  for (const Result& result : report.results) measured.insert(row_name(result));
  if (plan.size() != measured.size()) {  // a result that is there twice stands for no other
    return {decided(std::move(check), rule.outcome,
                    fmt::format("{} different results were planned, {} are there", plan.size(), measured.size()))};
  }
  if (planned.size() != report.results.size()) {
    return {decided(std::move(check), rule.outcome,
                    fmt::format("{} results were planned, {} are there", planned.size(), report.results.size()))};
  }
  return {decided(std::move(check), Status::pass, fmt::format("all {} planned results are there", planned.size()))};
}

std::vector<Check> check_verdicts(const Rule& rule, const Report& report, Verdict wrong, std::string_view fine) {
  return each(rule, results_that(report, [wrong](const Result& r) { return r.verdict == wrong; }), rule.outcome,
              report.results.size(), fine,
              [](const Result& r) { return fmt::format("{}: {}", name(r.verdict), note_of(r)); });
}

/// A failed audit breaks the rule; machine code that was not audited is only a warning.
std::vector<Check> check_audits(const Rule& rule, const Report& report) {
  const Results all = results_that(report, was_timed);
  const auto failed = results_that(report, [](const Result& r) { return was_timed(r) && r.audit.status == "failed"; });
  if (!failed.empty()) {
    return each(rule, failed, rule.outcome, all.size(), "",
                [](const Result& r) { return "the audit failed: " + one_line(r.audit.note); });
  }
  const auto unaudited = results_that(report, [](const Result& r) {
    return was_timed(r) && r.audit.status != "audited" && r.audit.status != "not_applicable";
  });
  if (unaudited.empty())
    return each(rule, {}, Status::pass, all.size(), "the machine code that ran is the one that was audited", note_of);
  std::vector<std::string> names;
  for (const Result* result : unaudited) names.push_back(row_name(*result));
  Check check = check_of(rule, "");
  check.code = "PP-7105";
  return {decided(std::move(check), Status::warn, "the machine code of these was not audited: " + listed(names))};
}

std::vector<Check> check_known(const Rule& rule, const Report& report) {
  std::vector<std::string> names;
  for (const Result& result : report.results)
    if (result.verdict == Verdict::no_theory) names.push_back(row_name(result));
  if (names.empty()) return each(rule, {}, Status::pass, report.results.size(), "each has a peak and a floor", note_of);
  return {decided(
      check_of(rule, ""), Status::skip,
      fmt::format("{} of {} results were measured and not judged, for want of a peak or floor with a source: {}",
                  names.size(), report.results.size(), listed(names)))};
}

std::vector<Check> check_judged(const Rule& rule, const Report& report) {
  const auto judged = std::count_if(report.results.begin(), report.results.end(), [](const Result& r) {
    return r.verdict == Verdict::pass || r.verdict == Verdict::below;
  });
  Check check = check_of(rule, "");
  check.measured = static_cast<double>(judged);
  check.limit = 1;
  check.unit = "results";
  return {decided(std::move(check), judged > 0 ? Status::pass : rule.outcome,
                  fmt::format("{} of {} results were held against a floor", judged, report.results.size()))};
}

std::vector<Check> check_watched(const Rule& rule, const Report& report) {
  if (is_cpu(report)) return {not_applicable(rule, "", std::string(kNoManagement))};
  if (const auto why = unwatched(report)) return {unread(rule, "", *why)};
  std::vector<std::string> stale;
  for (const Result& result : report.results)
    if (result.telemetry && result.telemetry->stale) stale.push_back(row_name(result));
  if (report.health->stale || !stale.empty()) {
    return {decided(check_of(rule, ""), rule.outcome,
                    fmt::format("{} stopped answering{}{}", report.health->source,
                                stale.empty() ? "" : " while timing ", listed(stale)))};
  }
  return {decided(check_of(rule, ""), Status::pass, fmt::format("{} answered all the time", report.health->source))};
}

std::vector<Check> check_sound(const Rule& rule, const Report& report) {
  const auto fault = report.device.facts.find("fault");
  if (fault == report.device.facts.end()) return {decided(check_of(rule, ""), Status::pass, "the device had no fault")};
  return {decided(check_of(rule, ""), rule.outcome, one_line(fault->second))};
}

std::string wrong_text(const Result& result) {
  const Verification& v = result.verification;
  std::string text = fmt::format("{} of {} items are wrong ({})", v.mismatches, v.items, one_line(v.method));
  if (v.not_numbers > 0) text += fmt::format(", {} of them no numbers", v.not_numbers);
  std::vector<std::string> units;
  for (const WrongUnit& wrong : v.wrong_units) {
    units.push_back(wrong.unit >= 0
                        ? fmt::format("SM {} ({} items, bits {:#x})", wrong.unit, wrong.items, wrong.bits)
                        : fmt::format("no SM can be named ({} items, bits {:#x})", wrong.items, wrong.bits));
  }
  if (!units.empty()) text += ": " + listed(units);
  if (v.relative_error && v.tolerance)
    text += fmt::format("; relative error {:.3g}, accepted {:.3g}", *v.relative_error, *v.tolerance);
  return text;
}

}  // namespace

std::vector<Check> check_correctness(const Rule& rule, const Report& report) {
  std::vector<Check> checks;
  std::size_t checked = 0;
  double items = 0;
  for (const Result& result : report.results) {
    const bool measured = result.verdict != Verdict::skipped && result.verdict != Verdict::error;
    // An error that ended the measurement leaves no answer; a wrong answer before it stays one.
    if (!matches_glob(rule.subject, row_name(result)) || (!measured && result.verification.mismatches == 0)) continue;
    ++checked;
    items += static_cast<double>(result.verification.items);
    Check check = check_of(rule, row_name(result));
    check.measured = static_cast<double>(result.verification.mismatches);
    check.limit = 0;
    check.unit = "items";
    const bool once_wrong = std::any_of(result.attempts.begin(), result.attempts.end(),
                                        [](const Attempt& a) { return a.verdict == Verdict::incorrect; });
    if (result.verification.mismatches == 0 && (result.verification.method.empty() || result.verification.items <= 0)) {
      check.code = "PP-3102";
      check.device_fault = false;
      checks.push_back(decided(std::move(check), Status::error, "the answer was not checked"));
    } else if (!result.verification.passed() || result.verdict == Verdict::incorrect) {
      const auto& wrong = result.verification;
      if (wrong.mismatches > 0 && wrong.mismatches == wrong.not_numbers) {
        // Silent corruption hardly ever makes a NaN; an operation or its operands do.
        check.code = "PP-3103";
        check.device_fault = false;
      }
      checks.push_back(decided(std::move(check), rule.outcome, wrong_text(result)));
    } else if (once_wrong) {
      checks.push_back(decided(std::move(check), rule.outcome, "the answer of an earlier attempt was wrong"));
    }
  }
  if (checked == 0)
    return {decided(check_of(rule, ""), Status::skip,
                    fmt::format("no result that is called {} has an answer", rule.subject))};
  if (checks.empty()) {
    Check check = check_of(rule, "");
    check.measured = 0;
    check.limit = 0;
    check.unit = "items";
    checks.push_back(decided(std::move(check), Status::pass,
                             fmt::format("the answers of {} results are right, {:.0f} items", checked, items)));
  }
  return checks;
}

std::vector<Check> check_validity(const Rule& rule, const Report& report) {
  const std::string& aspect = rule.subject;
  if (aspect == "complete") return check_complete(rule, report);
  if (aspect == "measured") return check_verdicts(rule, report, Verdict::error, "none ended in an error");
  if (aspect == "quiet") return check_verdicts(rule, report, Verdict::noisy, "none is noisy");
  if (aspect == "plausible") return check_verdicts(rule, report, Verdict::above_theory, "none is above theory");
  if (aspect == "audited") return check_audits(rule, report);
  if (aspect == "known") return check_known(rule, report);
  if (aspect == "judged") return check_judged(rule, report);
  if (aspect == "watched") return check_watched(rule, report);
  if (aspect == "sound") return check_sound(rule, report);
  return {decided(check_of(rule, aspect), Status::error, "no such aspect of validity")};
}

}  // namespace peakproof::reports
