// The devices of a node or a fleet side by side in the HTML page, and what of any acceptance one sheet of paper holds.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <vector>

#include "reports/heat_map.hpp"
#include "reports/html_parts.hpp"
#include "reports/html_sections.hpp"
#include "reports/html_text.hpp"
#include "reports/sample.hpp"

namespace peakproof::reports::html {
namespace {

constexpr std::size_t kMostColumns = 16;  ///< devices side by side; more are told by their extremes

/// One result over all devices; null where a device has none.
struct Row {
  std::string name;
  std::vector<const Result*> results;
  const Result* any = nullptr;   ///< one of them
  bool by_issue = true;          ///< of E_issue; else of the rate, where there is no theory
  std::optional<double> median;  ///< of those that can be believed
};

std::optional<double> value_of(const Row& row, const Result* result) {
  if (result == nullptr || !showable(result->verdict)) return std::nullopt;
  if (row.by_issue) return finite(result->efficiency.issue) ? result->efficiency.issue : std::nullopt;
  return positive(result->achieved_per_s) ? std::optional(result->achieved_per_s) : std::nullopt;
}

std::vector<Row> rows_of(const std::vector<NamedDevice>& devices) {
  std::vector<Row> rows;
  std::map<std::string, std::size_t> index;
  for (std::size_t d = 0; d < devices.size(); ++d)
    for (const Result& result : devices[d].report->results) {
      if (is_drawn(result.params)) continue;
      const std::string name = row_name(result);
      const auto [found, added] = index.emplace(name, rows.size());
      if (added)
        rows.push_back({name, std::vector<const Result*>(devices.size(), nullptr), &result, true, std::nullopt});
      rows[found->second].results[d] = &result;
    }
  for (Row& row : rows) {
    row.by_issue = std::any_of(row.results.begin(), row.results.end(),
                               [](const Result* r) { return r != nullptr && finite(r->efficiency.issue); });
    std::vector<double> values;
    for (const Result* result : row.results)
      if (const auto value = value_of(row, result)) values.push_back(*value);
    if (!values.empty()) row.median = quantile(values, 0.5);
  }
  return rows;
}

std::optional<double> deviation(const Row& row, const Result* result) {
  const auto value = value_of(row, result);
  return value && positive(row.median) ? std::optional(*value / *row.median - 1) : std::nullopt;
}

std::string signed_percent(double fraction) {
  const double rounded = std::round(1000 * fraction) / 10;
  return rounded == 0 ? "0.0" : fmt::format("{}{:.1f}", rounded > 0 ? "+" : "−", std::abs(rounded));
}

/// The worst status among the checks on this result of this device, its own and the node's.
std::optional<Status> flagged(const Report& report, const NamedDevice& device, const std::string& name) {
  std::optional<Status> worst;
  const auto look = [&](const Check& check) {
    if (check.status == Status::pass || check.status == Status::skip) return;
    if (!worst || check.status == Status::fail || (check.status == Status::error && *worst == Status::warn))
      worst = check.status;
  };
  for (const Check& check : device.report->checks)
    if (check.subject == name) look(check);
  for (const Check& check : report.checks)
    if (check.subject.find(name) != std::string::npos && check.subject.find(device.name) != std::string::npos)
      look(check);
  return worst;
}

/// A tint by how far the value lies from the median, full at 5 %; the figure stands in it.
std::string tint(double off) {
  constexpr double kFull = 0.05, kLeast = 0.005;
  if (!(std::abs(off) >= kLeast)) return {};
  return fmt::format(" style=\"background:color-mix(in srgb,var(--{}) {:.0f}%,transparent)\"", off < 0 ? "c1" : "c0",
                     35 * std::min(std::abs(off) / kFull, 1.0));
}

std::string matrix_cell(const Report& report, const Row& row, const NamedDevice& device, const Result* result) {
  const auto flag = flagged(report, device, row.name);
  const std::string style = flag ? fmt::format(" class=\"flag {}\"", tone(*flag)) : "";
  const std::string mark = flag ? fmt::format("{} ", sign(*flag)) : "";
  if (result == nullptr) return fmt::format("<td class=\"flag unsure\">{}missing</td>", mark);
  const auto off = deviation(row, result);
  if (!off) return fmt::format("<td{}>{}{}</td>", style, mark, coloured(tone(result->verdict), name(result->verdict)));
  return fmt::format("<td{}{}>{}{} <small>{}</small></td>", style, flag ? "" : tint(*off), mark,
                     html_escaped(row.by_issue ? percent_text(result->efficiency.issue) : achieved_text(*result)),
                     signed_percent(*off));
}

std::string median_text(const Row& row) {
  if (!positive(row.median)) return "-";
  for (const Result* result : row.results)
    if (!row.by_issue && result != nullptr)
      return result->unit == kCalls ? time_text(1 / *row.median) : rate_text(*row.median, result->unit);
  return percent_text(row.median);
}

ShortNames short_names(const std::vector<NamedDevice>& devices) {
  std::vector<const Report*> reports;
  reports.reserve(devices.size());
  for (const NamedDevice& device : devices) reports.push_back(device.report);
  return ShortNames(reports);
}

std::string matrix(const Report& report, const std::vector<NamedDevice>& devices, const std::vector<Row>& rows) {
  const ShortNames names = short_names(devices);
  std::vector<std::string_view> headings = {"E_issue %, else the rate", ">median"};
  for (const NamedDevice& device : devices) headings.push_back(device.name);
  std::string body;
  for (const Row& row : rows) {
    body += "<tr>" + name_cell(names, *row.any) + cell(median_text(row));
    for (std::size_t d = 0; d < devices.size(); ++d) body += matrix_cell(report, row, devices[d], row.results[d]);
    body += "</tr>\n";
  }
  return table("matrix", headings, body);
}

/// For too many devices to stand side by side: the lowest and the highest of each result.
std::string extremes(const std::vector<NamedDevice>& devices, const std::vector<Row>& rows) {
  const ShortNames names = short_names(devices);
  std::string body;
  for (const Row& row : rows) {
    std::size_t low = 0, high = 0, count = 0;
    for (std::size_t d = 0; d < devices.size(); ++d) {
      const auto value = value_of(row, row.results[d]);
      if (!value) continue;
      if (count++ == 0) low = high = d;
      if (*value < *value_of(row, row.results[low])) low = d;
      if (*value > *value_of(row, row.results[high])) high = d;
    }
    body += "<tr>" + name_cell(names, *row.any) + cell(fmt::format("{} of {}", count, devices.size()));
    body += cell(median_text(row));
    for (const std::size_t d : {low, high})
      body += cell(count == 0 ? "-"
                              : fmt::format("{} {}", devices[d].name, signed_percent(*deviation(row, row.results[d]))));
    body += "</tr>\n";
  }
  return table("matrix", {"E_issue %, else the rate", "believed", "median", "lowest, % from it", "highest, % from it"},
               body);
}

std::string fact(const Report& report, const std::string& key) {
  const auto found = report.device.facts.find(key);
  return found == report.device.facts.end() ? "-" : found->second;
}

/// Who the members are, and what became of each.
std::string overview(const Report& report, std::size_t most) {
  const std::vector<std::string> names = member_names(report);
  const bool devices = std::all_of(report.members.begin(), report.members.end(),
                                   [](const Report& m) { return m.scope == Scope::device; });
  std::string rows;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) {
    const Report& m = report.members[i];
    rows += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td>", html_escaped(names[i]),
                        coloured(tone_of_exit_code(m.exit_code),
                                 fmt::format("{} {}", sign_of_exit_code(m.exit_code), verdict_word(m))));
    const Tally t = tally(m);
    rows += cell(fmt::format("{}/{}/{}", t.fail, t.error, t.warn));
    if (devices)
      rows += cell(m.device.spec.name) + cell(fact(m, "serial")) +
              fmt::format("<td><code>{}</code></td>", html_escaped(fact(m, "uuid"))) + cell(fact(m, "pci")) +
              cell(fact(m, "vbios")) + cell(fact(m, "driver"));
    else
      rows += cell(m.host.name) + cell(fmt::format("{}", named_devices(m).size())) +
              fmt::format("<td><code>{}</code></td>", html_escaped(m.run_id));
    rows += "</tr>\n";
  }
  std::string out =
      devices
          ? table("checks members",
                  {"member", "verdict", "fail/error/warn", "device", "serial", "UUID", "PCI", "VBIOS", "driver"}, rows)
          : table("checks members", {"member", "verdict", "fail/error/warn", "host", "devices", "run"}, rows);
  if (names.size() > most) out += fmt::format("<p>{} further members are in the data.</p>\n", names.size() - most);
  return out;
}

// ---------------------------------------------------------------------------------------------------------- on paper

std::string paper_row(const ShortNames& names, const Result& result) {
  std::string out = "<tr>" + name_cell(names, result) + cell(achieved_text(result));
  for (const auto& share : {result.efficiency.issue, result.floor ? std::optional(result.floor->issue) : std::nullopt,
                            result.efficiency.spec})
    out += cell(percent_text(share));
  return out + verdict_cell(result.verdict) + "</tr>\n";
}

std::string paper_device(const Report& report, std::size_t most) {
  std::vector<const Result*> shown;
  for (const bool in_order : {false, true})
    for (const Result& result : report.results) {
      const bool fine =
          result.verdict == Verdict::pass || result.verdict == Verdict::no_theory || result.verdict == Verdict::skipped;
      if (!is_drawn(result.params) && fine == in_order) shown.push_back(&result);
    }
  if (shown.empty()) return {};
  const std::size_t left_out = shown.size() > most ? shown.size() - most : 0;
  shown.resize(shown.size() - left_out);
  const ShortNames names({&report});
  // One table for each column of the sheet, so that each has its head.
  const std::size_t half = shown.size() > 12 ? (shown.size() + 1) / 2 : shown.size();
  std::string out = fmt::format("<div class=\"sheet{}\">", half == shown.size() ? " one" : "");
  for (std::size_t begin = 0; begin < shown.size(); begin += half) {
    std::string rows;
    for (std::size_t i = begin; i < std::min(begin + half, shown.size()); ++i) rows += paper_row(names, *shown[i]);
    out += table("", {"result", "achieved", "E_issue %", "floor %", "E_spec %", "verdict"}, rows);
  }
  out += "</div>\n";
  if (left_out > 0) out += fmt::format("<p>{} further results are in the data.</p>\n", left_out);
  return out;
}

std::string paper_matrix(const Report& report, std::size_t most) {
  const std::vector<NamedDevice> devices = named_devices(report);
  std::vector<Row> rows = rows_of(devices);
  // Where not all fit, those that lie farthest from their median first.
  const auto farthest = [](const Row& row) {
    double far = 0;
    for (const Result* result : row.results) {
      const auto off = deviation(row, result);
      const bool lacking = result != nullptr && result->verdict == Verdict::skipped;
      far = std::max(far, off ? std::abs(*off) : lacking ? 0 : HUGE_VAL);
    }
    return far;
  };
  const std::size_t left_out = rows.size() > most ? rows.size() - most : 0;
  if (left_out > 0) {
    std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) { return farthest(a) > farthest(b); });
    rows.resize(most);
  }
  if (rows.empty()) return {};
  std::string out = "<div class=\"sheet one\">" +
                    (devices.size() > kMostColumns / 2 ? extremes(devices, rows) : matrix(report, devices, rows)) +
                    "</div>\n";
  if (left_out > 0)
    out += fmt::format("<p>{} further results, nearer to their medians, are in the data.</p>\n", left_out);
  return out;
}

struct OpenCheck {
  std::string member;
  const Check* check = nullptr;
};

void collect_open(const Report& report, const std::string& member, std::vector<OpenCheck>& out) {
  for (const Check* check : by_gravity(report.checks))
    if (check->status == Status::fail || check->status == Status::error || check->status == Status::warn)
      out.push_back({member, check});
  const std::vector<std::string> names = member_names(report);
  for (std::size_t i = 0; i < names.size(); ++i)
    collect_open(report.members[i], member.empty() ? names[i] : member + "/" + names[i], out);
}

std::string told(const OpenCheck& open) {
  return fmt::format("{}{}{}: {}", open.member, open.member.empty() ? "" : ", ",
                     open.check->subject.empty() ? open.check->id : open.check->subject, open.check->message);
}

/// What did not pass, the gravest first, in at most two lines each.
struct PaperChecks {
  std::string html;
  std::size_t lines = 0;
};
PaperChecks paper_checks(const Report& report, std::size_t most) {
  std::vector<OpenCheck> open;
  collect_open(report, {}, open);
  std::stable_sort(open.begin(), open.end(), [](const OpenCheck& a, const OpenCheck& b) {
    const auto rank = [](Status s) { return s == Status::fail ? 0 : s == Status::error ? 1 : 2; };
    return rank(a.check->status) < rank(b.check->status);
  });
  if (open.empty()) return {};
  constexpr std::size_t kLine = 100;  // characters that surely fit on one
  PaperChecks out;
  std::string rows;
  for (std::size_t i = 0; i < std::min(open.size(), most); ++i) {
    const Check& check = *open[i].check;
    const std::string text = told(open[i]);
    out.lines += text.size() > kLine ? 2U : 1U;
    rows += fmt::format("<tr><td>{}</td><td>{}</td><td><div class=\"clamp\">{}</div></td></tr>\n",
                        coloured(tone(check.status), fmt::format("{} {}", sign(check.status), name(check.status))),
                        html_escaped(check.code), html_escaped(text));
  }
  out.html = table("checks", {"check", "code", "what was found"}, rows);
  if (open.size() > most)
    out.html += fmt::format("<p><b>{} further checks that did not pass are in the data.</b></p>\n", open.size() - most);
  return out;
}

}  // namespace

std::string members_section(const Report& report) {
  if (report.members.empty()) return {};
  constexpr std::size_t kMostMembers = 512;
  const std::vector<NamedDevice> devices = named_devices(report);
  const std::vector<Row> rows = rows_of(devices);
  std::string out = overview(report, kMostMembers);
  if (rows.empty()) return out;
  out += devices.size() > kMostColumns ? extremes(devices, rows) : matrix(report, devices, rows);
  return out +
         "<p class=\"dim\">Beside each figure, how many percent it lies from the median of all. The tint is full at 5 "
         "%; an outline and a "
         "sign mark what a check holds against it.</p>\n";
}

std::string paper_figures(const Report& report) {
  // What one sheet of A4 holds beside the certificate, tried with the longest texts: lines of figures and of checks.
  constexpr std::size_t kMostOpen = 8, kLines = 36, kLinesOfNode = 28, kMembers = 8, kStandInLines = 3;
  const PaperChecks open = paper_checks(report, kMostOpen);
  const std::size_t taken = open.lines + (stand_in(report) ? kStandInLines : 0);
  std::string out = open.html;
  if (report.members.empty())
    out += paper_device(report, 2 * (kLines - taken));
  else
    out += overview(report, kMembers) + paper_matrix(report, kLinesOfNode - taken);
  return "<div class=\"paper\">" + out +
         "<div class=\"signed\"><span>place, date</span><span>for the supplier</span><span>for the "
         "operator</span></div></div>\n";
}

}  // namespace peakproof::reports::html
