#include "reports/text_acceptance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "reports/acceptance_view.hpp"
#include "reports/text_layout.hpp"

namespace peakproof::reports {
namespace {

constexpr std::size_t kLongestName = 30;

std::string section(std::string_view title, const std::vector<Line>& lines) {
  if (lines.empty()) return {};
  std::string out = fmt::format("\n{}\n", title);
  for (const Line& line : lines) out += labelled(line);
  return out;
}

std::string members_text(const Report& report) {
  const auto rows = member_table(report);
  if (rows.empty()) return {};
  const std::string table = plain_table(rows);
  std::string out = "\nmembers\n";
  for (std::string_view left = table; !left.empty();) {
    const std::string_view line = left.substr(0, left.find('\n'));
    // A row that is too wide loses its columns, and no figure of it.
    out += columns(line) <= kWidth ? fmt::format("{}\n", line) : wrapped("  ", 4, line.substr(2));
    left.remove_prefix(line.size() + 1);
  }
  return out;
}

std::string checks_text(const Report& report) {
  std::string out;
  for (const Status status : {Status::fail, Status::warn, Status::error})
    for (const Line& line : check_lines(report, status)) out += labelled(line);
  for (const Line& line : skipped_check_lines(report)) out += labelled(line);
  if (const std::string passed = passed_text(report); !passed.empty())
    out += labelled({status_word(Status::pass), passed});
  return out.empty() ? out : "\nchecks\n" + out;
}

/// "fp32_fma  GPU0 165…3047  64.9 TFLOP/s  97.0% spec | 98.4% issue x 98.6% clock (sw_power_cap 12.0 %)  PASS".
std::string results_text(const Report& report) {
  const auto results = told_results(report);
  if (results.empty()) return {};
  std::size_t name_width = 0;
  std::size_t device_width = 0;
  std::size_t achieved_width = 0;
  std::size_t efficiency_width = 0;
  for (const ToldResult& line : results) {
    name_width = std::max(name_width, std::min(columns(line.name), kLongestName));
    device_width = std::max(device_width, columns(line.device));
    achieved_width = std::max(achieved_width, columns(line.achieved));
    efficiency_width = std::max(efficiency_width, columns(line.efficiency));
  }
  std::string out = report.scope == Scope::fleet ? "\nresults that did not pass\n" : "\nresults\n";
  for (const ToldResult& line : results) {
    const bool fits = columns(line.name) <= kLongestName;
    if (!fits) out += wrapped("  ", 4, line.name);
    const std::string head = fmt::format("  {}{}  {}", padded(fits ? line.name : std::string(), name_width, false),
                                         device_width == 0 ? "" : "  " + padded(line.device, device_width, false),
                                         padded(line.achieved, achieved_width, true));
    const std::string whole =
        fmt::format("{}  {}  {}", head, padded(line.efficiency, efficiency_width, false), line.outcome);
    if (columns(whole) <= kWidth) {
      out += whole + "\n";
      continue;
    }
    const std::string tight = fmt::format("{}  {}  {}", head, line.efficiency, line.outcome);
    out += columns(tight) <= kWidth ? tight + "\n" : wrapped("", 4, tight);
  }
  return out;
}

}  // namespace

std::string acceptance_text(const Report& report) {
  std::string out;
  for (const auto& lines : {identity_lines(report), acceptance_lines(report)})
    for (const Line& line : lines) out += labelled(line);
  return out + members_text(report) + checks_text(report) + results_text(report);
}

std::string acceptance_details_text(const Report& report) {
  std::string out;
  if (report.scope != Scope::fleet) {
    for (const ToldResult& line : told_results(report)) {
      if (!needs_explanation(line)) continue;
      out += fmt::format("\n{}", wrapped("", 2, line.device.empty() ? line.name : line.device + " " + line.name));
      for (const Line& behind : result_lines(*line.report, *line.result)) out += labelled(behind);
    }
  }
  return out + section("health", health_lines(report)) + section("not measured", untested_lines(report)) +
         section("next steps", next_step_lines(report));
}

}  // namespace peakproof::reports
