// The checks of an acceptance in the HTML page, what to do about them, and what was not tested.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "reports/codes.hpp"
#include "reports/html_parts.hpp"
#include "reports/html_sections.hpp"
#include "reports/html_text.hpp"

namespace peakproof::reports::html {
namespace {

/// A figure of a check in its unit. What has none is a fraction where it is of a result, else a plain number.
std::string figure(const std::optional<double>& value, std::string_view unit, bool of_result) {
  if (!finite(value)) return "-";
  if (unit.empty()) return of_result ? percent_text(value, 2) + " %" : number_text(value);
  if (unit.ends_with("/s") && *value > 0) return rate_text(*value, unit);
  return fmt::format("{} {}", number_text(value), unit);
}

std::string attempts_text(const Check& check) {
  // evaluate() says it in the message; others may not.
  if (check.attempts <= 1 || check.message.find("measurements") != std::string::npos) return {};
  return fmt::format(" Measured {} times, {} failed.", check.attempts, check.failed_attempts);
}

std::string check_row(const Check& check, const std::set<std::string>& results) {
  const bool of_result = results.count(check.subject) > 0;
  std::string out = fmt::format(
      "<tr><td>{}</td>", coloured(tone(check.status), fmt::format("{} {}", sign(check.status), name(check.status))));
  out += fmt::format(R"(<th scope="row">{}<div class="id">{} {}{}</div></th>)",
                     breakable(check.subject.empty() ? "the whole report" : check.subject), html_escaped(check.code),
                     breakable(check.id), check.required ? "" : " (not required)");
  out += fmt::format(R"(<td class="figure">{}</td><td class="figure">{}</td>)",
                     html_escaped(figure(check.measured, check.unit, of_result)),
                     html_escaped(figure(check.limit, check.unit, of_result)));
  out += fmt::format("<td>{}{}", html_escaped(check.message), html_escaped(attempts_text(check)));
  if (!check.source.empty() && check.status != Status::pass)
    out += fmt::format("<div class=\"id\">limit from: {}</div>", html_escaped(check.source));
  return out + "</td></tr>\n";
}

std::string checks_table(const std::string& rows) {
  return rows.empty() ? rows : table("checks", {"status", "subject", ">measured", ">limit", "found"}, rows);
}

/// The codes of everything that is not in order, members' included, the gravest first.
void collect_codes(const Report& report, Status status, std::vector<std::string>& codes) {
  for (const Check& check : report.checks)
    if (check.status == status && std::find(codes.begin(), codes.end(), check.code) == codes.end())
      codes.push_back(check.code);
  for (const Report& member : report.members) collect_codes(member, status, codes);
}

}  // namespace

std::string checks_section(const Report& report, Detail detail) {
  std::set<std::string> results;
  for (const Result& result : report.results) results.insert(row_name(result));
  std::string open;
  std::string skipped;
  std::string passed;
  int passes = 0;
  int skips = 0;
  std::size_t told = 0;
  constexpr std::size_t kMostTold = 400;  // the gravest first
  for (const Check* check : by_gravity(report.checks)) {
    const bool in_order = check->status == Status::pass;
    const bool lacking = check->status == Status::skip && !check->required;
    passes += in_order ? 1 : 0;
    skips += lacking ? 1 : 0;
    if (in_order && detail != Detail::full) continue;
    if (!in_order && ++told > kMostTold) continue;
    (in_order ? passed : lacking ? skipped : open) += check_row(*check, results);
  }
  std::string out = checks_table(open);
  if (open.empty() && !report.checks.empty())
    out = report.members.empty()
              ? "<p>No check failed, warned or stayed undecided.</p>\n"
              : "<p>Of the checks between the members none failed, warned or stayed undecided; those of "
                "each member stand with it.</p>\n";
  if (told > kMostTold) out += fmt::format("<p><b>{} further checks are in the data.</b></p>\n", told - kMostTold);
  out += folded(fmt::format("{} skipped, with the reason", skips), checks_table(skipped));
  if (passes > 0 && passed.empty()) out += fmt::format("<p class=\"dim\">{} checks passed.</p>\n", passes);
  return out + folded(fmt::format("{} passed", passes), checks_table(passed));
}

std::string next_steps_section(const Report& report) {
  std::vector<std::string> codes;
  for (const Status status : {Status::fail, Status::error, Status::warn}) collect_codes(report, status, codes);
  std::string rows;
  for (const std::string& text : codes) {
    const Code* code = find_code(text);
    rows += fmt::format(R"(<tr><th scope="row">{}<div class="id">{}</div></th>)", html_escaped(text),
                        code == nullptr ? "" : html_escaped(code->name));
    if (code == nullptr)
      rows += "<td>-</td><td>This code is in no table of this version of PeakProof.</td></tr>\n";
    else
      rows += fmt::format("<td>{}</td><td>{}<div class=\"id\">{} {}</div></td></tr>\n", html_escaped(code->action),
                          html_escaped(code->next_step), html_escaped(code->what), html_escaped(code->why));
  }
  return rows.empty() ? rows : table("checks", {"code", "action", "what to do"}, rows);
}

std::string not_tested_section(const Report& report) {
  const std::vector<Line> lines = unmeasured_lines(report);
  return lines.empty() ? std::string() : definitions(lines);
}

}  // namespace peakproof::reports::html
