// The report as JUnit XML, for CI systems: a suite for each device (and one for what is between the devices), a case for
// each check of an acceptance, or for each result of a run. Missed is a failure, not decided an error, not applicable
// skipped; what a case says stands in its body too, since some readers show nothing else.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reports/codes.hpp"
#include "reports/format.hpp"
#include "reports/html_text.hpp"
#include "reports/render.hpp"

namespace peakproof::reports {
namespace {

enum class Outcome { pass, failure, error, skipped };

struct TestCase {
  std::string name;
  Outcome outcome = Outcome::error;
  std::string type = {};  ///< of a failure or error: the check's code, the result's verdict
  std::string text = {};
  double seconds = 0;
};

struct Suite {
  std::string name;
  const Report* report = nullptr;
  std::vector<TestCase> cases = {};

  [[nodiscard]] std::int64_t count(Outcome outcome) const {
    return std::count_if(cases.begin(), cases.end(), [&](const TestCase& one) { return one.outcome == outcome; });
  }
};

/// How many bytes the UTF-8 character at the beginning has; 0 for what is no character that XML 1.0 may hold.
std::size_t character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = byte(0) < 0x80   ? 1
                             : byte(0) < 0xC2 ? 0
                             : byte(0) < 0xE0 ? 2
                             : byte(0) < 0xF0 ? 3
                             : byte(0) < 0xF5 ? 4
                                              : 0;
  if (length == 0 || length > text.size()) return 0;
  if (length == 1) return 1;
  unsigned code = byte(0) & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
    code = code << 6U | (byte(i) & 0x3FU);
  }
  constexpr std::array<unsigned, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  const bool no_character = code == 0xFFFE || code == 0xFFFF;
  return code < kLeast.at(length) || code > 0x10FFFF || surrogate || no_character ? 0 : length;
}

/// On one line, escaped, and without bytes that XML forbids.
std::string xml(std::string_view raw) {
  const std::string escaped = html_escaped(raw);
  std::string out;
  for (std::string_view left = escaped; !left.empty();) {
    const std::size_t length = character(left);
    out += length == 0 ? std::string_view("?") : left.substr(0, length);
    left.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

/// The same for an xs:token, which has no spaces at its ends and none twice; never empty.
std::string token(std::string_view raw) {
  std::string out;
  for (const char c : xml(raw))
    if (c != ' ' || (!out.empty() && out.back() != ' ')) out += c;
  while (out.ends_with(' ')) out.pop_back();
  return out.empty() ? "unnamed" : out;
}

std::string fact(const Report& report, std::string_view key) {
  const auto found = report.device.facts.find(std::string(key));
  return found == report.device.facts.end() ? std::string() : found->second;
}

TestCase case_of(const Check& check) {
  TestCase out{.name = check.subject.empty() ? check.id : check.id + " " + check.subject, .type = check.code};
  switch (check.status) {
    case Status::pass:
    case Status::warn:
      out.outcome = Outcome::pass;
      break;
    case Status::fail:
      out.outcome = check.required ? Outcome::failure : Outcome::pass;
      break;
    case Status::error:
    case Status::skip:  // a required check that was not made decides nothing, and must not look green
      out.outcome = check.required ? Outcome::error : Outcome::skipped;
      break;
  }
  out.text = fmt::format("{}: {}", name(check.status), check.message);
  if (const Code* code = find_code(check.code); code != nullptr && check.status != Status::pass)
    out.text += fmt::format(" [{}: {}]", code->code, code->next_step);
  return out;
}

TestCase case_of(const Report& report, const Result& result) {
  TestCase out{.name = row_name(result), .type = std::string(name(result.verdict))};
  switch (result.verdict) {
    case Verdict::pass:
    case Verdict::no_theory:
      out.outcome = Outcome::pass;
      break;
    case Verdict::below:
    case Verdict::incorrect:
      out.outcome = Outcome::failure;
      break;
    case Verdict::skipped:
      out.outcome = Outcome::skipped;
      break;
    case Verdict::above_theory:
    case Verdict::noisy:
    case Verdict::error:
      out.outcome = Outcome::error;
      break;
  }
  for (const Sample& sample : result.samples)
    if (std::isfinite(sample.seconds)) out.seconds += sample.seconds;
  out.text = fmt::format("{}: {}, E_issue {} %", name(result.verdict), achieved_text(result),
                         percent_text(result.efficiency.issue));
  for (const Line& line : result_lines(report, result)) out.text += fmt::format("; {}: {}", line.label, line.text);
  return out;
}

/// The verdict as a case of its own: whatever else a reader counts, a run that is not accepted is never all green.
TestCase verdict_case(const Report& report) {
  TestCase out{.name = "verdict", .type = report.verdict, .text = verdict_line(report)};
  switch (report.exit_code) {
    case exit_pass:
      out.outcome = Outcome::pass;
      break;
    case exit_rejected:
    case exit_device_fault:
      out.outcome = Outcome::failure;
      break;
    default:
      out.outcome = Outcome::error;
  }
  return out;
}

void add_suites(const Report& report, const std::string& place, std::vector<Suite>& suites) {
  const std::string uuid = fact(report, "uuid");
  Suite suite{.name = !uuid.empty()                      ? uuid
                      : !report.device.spec.name.empty() ? report.device.spec.name
                                                         : place,
              .report = &report};
  if (report.scope == Scope::node) suite.name = "node " + report.host.name;
  if (report.scope == Scope::fleet) suite.name = "fleet";
  for (const Check& check : report.checks) suite.cases.push_back(case_of(check));
  if (!report.acceptance)
    for (const Result& result : report.results) suite.cases.push_back(case_of(report, result));
  for (const std::string& missing : report.completeness.missing)
    suite.cases.push_back({.name = missing, .type = "missing", .text = "planned, and without a result"});
  suite.cases.push_back(verdict_case(report));
  suites.push_back(std::move(suite));
  for (std::size_t i = 0; i < report.members.size(); ++i)
    add_suites(report.members[i], fmt::format("{}.{}", place, i), suites);
}

std::string property(std::string_view key, std::string_view value) {
  return value.empty() ? std::string()
                       : fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", token(key), xml(value));
}

std::string properties(const Report& report) {
  std::string out = "    <properties>\n";
  out += property("peakproof.version", report.tool.version) + property("peakproof.commit", report.tool.commit) +
         property("run_id", report.run_id) + property("device", report.device.spec.name);
  if (stand_in(report)) out += property("stand_in", kStandInWarning);
  if (report.acceptance)
    out += property("level", report.acceptance->level) + property("policy", report.acceptance->policy_name) +
           property("policy_sha256", report.acceptance->policy_sha256);
  for (const auto& [key, value] : report.device.facts) out += property("device." + key, value);
  return out + "    </properties>\n";
}

/// "2026-11-24T10:00:00+00:00" -> "2026-11-24T10:00:00": JUnit's times have no offset; the whole one is in the JSON.
std::string time_without_offset(const std::string& iso) {
  constexpr std::size_t kLength = 19;
  constexpr std::string_view kUnknown = "1970-01-01T00:00:00";
  return iso.size() < kLength ? std::string(kUnknown) : iso.substr(0, kLength);
}

std::string seconds(double value) { return fmt::format("{:.6f}", std::isfinite(value) && value >= 0 ? value : 0.0); }

std::string element(const TestCase& one, const std::string& class_name) {
  const std::string open = fmt::format(R"(    <testcase name="{}" classname="{}" time="{}")", token(one.name),
                                       class_name, seconds(one.seconds));
  const std::string text = xml(one.text);
  switch (one.outcome) {
    case Outcome::pass:
      return open + "/>\n";
    case Outcome::skipped:
      return fmt::format("{}><skipped message=\"{}\">{}</skipped></testcase>\n", open, text, text);
    case Outcome::failure:
    case Outcome::error:
      break;
  }
  const std::string_view tag = one.outcome == Outcome::failure ? "failure" : "error";
  return fmt::format("{0}><{1} type=\"{2}\" message=\"{3}\">{3}</{1}></testcase>\n", open, tag, xml(one.type), text);
}

std::string element(const Suite& suite, std::size_t id) {
  const Report& report = *suite.report;
  const std::string host = token(report.host.name.empty() ? "localhost" : report.host.name);
  const std::string class_name = token(fmt::format("peakproof.{}.{}", host, suite.name));
  std::string out = fmt::format(
      "  <testsuite id=\"{}\" package=\"peakproof\" name=\"{}\" timestamp=\"{}\" hostname=\"{}\" tests=\"{}\" "
      "failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\">\n",
      id, token(suite.name), time_without_offset(report.started), host, suite.cases.size(),
      suite.count(Outcome::failure), suite.count(Outcome::error), suite.count(Outcome::skipped),
      seconds(report.duration_s));
  out += properties(report);
  for (const TestCase& one : suite.cases) out += element(one, class_name);
  // Warnings pass; they are told here.
  std::string warnings;
  for (const Check& check : report.checks)
    if (check.status == Status::warn || (check.status == Status::fail && !check.required))
      warnings += fmt::format("warning: {} {}: {}\n", xml(check.id), xml(check.subject), xml(check.message));
  out += fmt::format("    <system-out>{}\n{}{}</system-out>\n    <system-err></system-err>\n  </testsuite>\n",
                     xml(headline(report)), warnings, xml(verdict_line(report)));
  return out;
}

}  // namespace

std::string to_junit(const Report& report) {
  std::vector<Suite> suites;
  add_suites(report, "device", suites);
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (std::size_t i = 0; i < suites.size(); ++i) out += element(suites[i], i);
  return out + "</testsuites>\n";
}

}  // namespace peakproof::reports
