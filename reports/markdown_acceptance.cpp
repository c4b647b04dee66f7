#include "reports/markdown_acceptance.hpp"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "reports/acceptance_view.hpp"
#include "reports/markdown_text.hpp"

namespace peakproof::reports {
namespace {

std::string section(std::string_view title, const std::vector<Line>& lines) {
  return lines.empty() ? std::string() : fmt::format("\n## {}\n\n{}", title, markdown_bullets(lines));
}

std::string row(const std::vector<std::string>& cells) {
  std::string out;
  for (const std::string& cell : cells) out += fmt::format("| {} ", markdown_escaped(cell));
  return out + "|\n";
}

/// The first row is the head; the first column stands to the left.
std::string table(const std::vector<std::vector<std::string>>& rows) {
  if (rows.size() < 2) return {};
  std::string out = row(rows.front()) + "|:--";
  for (std::size_t i = 1; i < rows.front().size(); ++i) out += "|--:";
  out += "|\n";
  for (std::size_t i = 1; i < rows.size(); ++i) out += row(rows[i]);
  return out;
}

std::string results_table(const Report& report) {
  std::vector<std::vector<std::string>> rows = {{"result", "device", "achieved", "efficiency", "outcome"}};
  for (const ToldResult& line : told_results(report))
    rows.push_back({line.name, line.device, line.achieved, line.efficiency, line.outcome});
  const std::string body = table(rows);
  if (body.empty()) return {};
  return fmt::format("\n## {}\n\n{}", report.scope == Scope::fleet ? "Results that did not pass" : "Results", body);
}

}  // namespace

std::string acceptance_markdown(const Report& report) {
  std::string out = markdown_bullets(identity_lines(report)) + markdown_bullets(acceptance_lines(report));
  if (const std::string members = table(member_table(report)); !members.empty())
    out += fmt::format("\n## Members\n\n{}", members);
  std::vector<Line> checks;
  for (const Status status : {Status::fail, Status::warn, Status::error})
    for (Line& line : check_lines(report, status)) checks.push_back(std::move(line));
  for (Line& line : skipped_check_lines(report)) checks.push_back(std::move(line));
  if (std::string passed = passed_text(report); !passed.empty())
    checks.push_back({status_word(Status::pass), std::move(passed)});
  return out + section("Checks", checks) + results_table(report);
}

std::string acceptance_details_markdown(const Report& report) {
  std::string out;
  if (report.scope != Scope::fleet) {
    for (const ToldResult& line : told_results(report)) {
      if (!needs_explanation(line)) continue;
      out += section(markdown_escaped(line.device.empty() ? line.name : line.device + " " + line.name),
                     result_lines(*line.report, *line.result));
    }
  }
  return out + section("Health", health_lines(report)) + section("Not measured", untested_lines(report)) +
         section("Next steps", next_step_lines(report));
}

}  // namespace peakproof::reports
