// The report as CSV: one row for each result and each check; units in the header; unknown is an empty field.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/csv_text.hpp"
#include "reports/format.hpp"
#include "reports/networks_view.hpp"
#include "reports/render.hpp"
#include "theory/pipe.hpp"

namespace peakproof::reports {
namespace {

using csv::number;
using csv::quoted;

std::optional<double> clock_of(const std::optional<theory::Peak>& peak) {
  return peak && peak->clock_hz > 0 ? std::optional(peak->clock_hz) : std::nullopt;
}

std::optional<double> rate_of(const std::optional<theory::Peak>& peak) {
  return peak ? std::optional(peak->per_second) : std::nullopt;
}

/// A figure of the latency, where there is one.
std::optional<double> of_latency(const Result& result, double (*figure)(const Latency&)) {
  return result.latency ? std::optional(figure(*result.latency)) : std::nullopt;
}

/// A figure of the summary, where there are samples.
std::optional<double> if_sampled(const Summary& summary, double value) {
  return summary.count > 0 ? std::optional(value) : std::nullopt;
}

/// What a row tells: a result, or a check and whose it is.
struct Row {
  std::string member;  ///< "gpu:0"; empty where the report is of one device
  const Report* report = nullptr;
  const Result* result = nullptr;
  const Check* check = nullptr;
};

std::string fact(const Row& row, const std::string& key) {
  const auto found = row.report->device.facts.find(key);
  return found == row.report->device.facts.end() ? std::string() : found->second;
}

struct Column {
  std::string_view header;
  /// Null where a result has nothing there.
  std::string (*of_result)(const Report&, const Result&) = nullptr;
  std::string (*of_check)(const Check&) = nullptr;
  std::string (*of_row)(const Row&) = nullptr;  ///< of results and checks alike

  [[nodiscard]] std::string cell(const Row& row) const {
    if (of_row != nullptr) return of_row(row);
    if (row.result != nullptr) return of_result != nullptr ? of_result(*row.report, *row.result) : std::string();
    return of_check != nullptr ? of_check(*row.check) : std::string();
  }
};

constexpr std::array kTable = {
    Column{"benchmark", [](const Report&, const Result& r) { return r.name; },
           [](const Check& c) { return c.subject; }},
    Column{"params",
           [](const Report&, const Result& r) {
             std::string text;
             for (const auto& [key, value] : r.params)
               text += fmt::format("{}{}:{}", text.empty() ? "" : " ", key, value);
             return text;
           }},
    Column{"device", nullptr, nullptr, [](const Row& row) { return row.report->device.spec.name; }},
    Column{"stand_in", nullptr, nullptr,
           [](const Row& row) { return std::string(stand_in(*row.report) ? "STAND-IN" : ""); }},
    Column{"pipe", [](const Report&, const Result& r) { return std::string(r.pipe ? theory::name(*r.pipe) : ""); }},
    Column{"verdict", [](const Report&, const Result& r) { return std::string(name(r.verdict)); },
           [](const Check& c) { return std::string(name(c.status)); }},
    Column{"achieved_per_s", [](const Report&, const Result& r) { return number(r.achieved_per_s); }},
    Column{"unit", [](const Report&, const Result& r) { return r.unit; }},
    Column{"rated_peak_per_s", [](const Report&, const Result& r) { return number(rate_of(r.peak)); }},
    Column{"measured_peak_per_s", [](const Report&, const Result& r) { return number(rate_of(r.peak_measured)); }},
    Column{"e_spec_ratio", [](const Report&, const Result& r) { return number(r.efficiency.spec); }},
    Column{"e_issue_ratio", [](const Report&, const Result& r) { return number(r.efficiency.issue); }},
    Column{"clock_ratio", [](const Report&, const Result& r) { return number(r.efficiency.clock); }},
    Column{"rated_clock_hz", [](const Report&, const Result& r) { return number(clock_of(r.peak)); }},
    Column{"measured_clock_hz", [](const Report&, const Result& r) { return number(r.summary.median_sm_clock_hz); }},
    Column{"median_power_w", [](const Report&, const Result& r) { return number(r.summary.median_power_w); }},
    Column{
        "floor_ratio",
        [](const Report&, const Result& r) { return number(r.floor ? std::optional(r.floor->issue) : std::nullopt); }},
    Column{"samples_count", [](const Report&, const Result& r) { return fmt::format("{}", r.summary.count); }},
    Column{"contaminated_count",
           [](const Report&, const Result& r) { return fmt::format("{}", r.summary.contaminated); }},
    Column{"median_s",
           [](const Report&, const Result& r) { return number(if_sampled(r.summary, r.summary.median_s)); }},
    Column{"ci95_low_s",
           [](const Report&, const Result& r) { return number(if_sampled(r.summary, r.summary.ci95_low_s)); }},
    Column{"ci95_high_s",
           [](const Report&, const Result& r) { return number(if_sampled(r.summary, r.summary.ci95_high_s)); }},
    Column{"spread_ratio",
           [](const Report&, const Result& r) { return number(if_sampled(r.summary, judged_spread(r))); }},
    Column{"latency_cycles",
           [](const Report&,
              const Result& r) { return number(of_latency(r, [](const Latency& l) { return l.cycles; })); }},
    Column{"latency_ci95_low_cycles",
           [](const Report&,
              const Result& r) { return number(of_latency(r, [](const Latency& l) { return l.ci95.low; })); }},
    Column{"latency_ci95_high_cycles",
           [](const Report&,
              const Result& r) { return number(of_latency(r, [](const Latency& l) { return l.ci95.high; })); }},
    Column{"latency_ns",
           [](const Report&, const Result& r) { return number(r.latency ? r.latency->ns : std::nullopt); }},
    Column{"checked_items", [](const Report&, const Result& r) { return fmt::format("{}", r.verification.items); }},
    Column{"mismatches_count",
           [](const Report&, const Result& r) { return fmt::format("{}", r.verification.mismatches); }},
    Column{"relative_error", [](const Report&, const Result& r) { return number(r.verification.relative_error); }},
    Column{"relative_error_limit", [](const Report&, const Result& r) { return number(r.verification.tolerance); }},
    Column{"rmse", [](const Report&, const Result& r) { return number(r.verification.rmse); }},
    Column{"mae", [](const Report&, const Result& r) { return number(r.verification.mae); }},
    Column{"max_error", [](const Report&, const Result& r) { return number(r.verification.max_error); }},
    Column{"audit", [](const Report&, const Result& r) { return r.audit.status; }},
    Column{"note", [](const Report&, const Result& r) { return r.note; }, [](const Check& c) { return c.message; }},
    // From here on since 1.4.
    Column{"kind", nullptr, nullptr,
           [](const Row& row) { return std::string(row.check != nullptr ? "check" : "result"); }},
    Column{"member", nullptr, nullptr, [](const Row& row) { return row.member; }},
    Column{"host", nullptr, nullptr, [](const Row& row) { return row.report->host.name; }},
    Column{"serial", nullptr, nullptr, [](const Row& row) { return fact(row, "serial"); }},
    Column{"uuid", nullptr, nullptr, [](const Row& row) { return fact(row, "uuid"); }},
    Column{"pci", nullptr, nullptr, [](const Row& row) { return fact(row, "pci"); }},
    Column{"attempts_count", [](const Report&, const Result& r) { return fmt::format("{}", r.attempts.size() + 1); },
           [](const Check& c) { return fmt::format("{}", c.attempts); }},
    Column{"failed_attempts_count", nullptr, [](const Check& c) { return fmt::format("{}", c.failed_attempts); }},
    Column{"wrong_units_count",
           [](const Report&, const Result& r) { return fmt::format("{}", r.verification.wrong_units.size()); }},
    Column{"clock_reasons",
           [](const Report&, const Result& r) { return r.telemetry ? reasons_text(*r.telemetry) : std::string(); }},
    Column{"check_code", nullptr, [](const Check& c) { return c.code; }},
    Column{"check_id", nullptr, [](const Check& c) { return c.id; }},
    Column{"check_required", nullptr, [](const Check& c) { return std::string(c.required ? "yes" : "no"); }},
    Column{"check_measured", nullptr, [](const Check& c) { return number(c.measured); }},
    Column{"check_limit", nullptr, [](const Check& c) { return number(c.limit); }},
    Column{"check_unit", nullptr, [](const Check& c) { return c.unit; }},
    Column{"check_source", nullptr, [](const Check& c) { return c.source; }},
    // From here on since 1.5; network_figures() stand behind them.
    Column{"network_items_per_s", [](const Report&, const Result& r) { return number(network_items_per_s(r)); }},
};

/// The checks of the report, then those of its members.
void append_checks(const Report& report, const std::string& member, std::vector<Row>& rows) {
  for (const Check& check : report.checks) rows.push_back({.member = member, .report = &report, .check = &check});
  const std::vector<std::string> names = member_names(report);
  for (std::size_t i = 0; i < names.size(); ++i)
    append_checks(report.members[i], member.empty() ? names[i] : fmt::format("{}/{}", member, names[i]), rows);
}

}  // namespace

std::string to_csv(const Report& report) {
  std::vector<Row> rows;
  for (const NamedDevice& device : named_devices(report))
    for (const Result& result : device.report->results)
      rows.push_back({.member = device.name, .report = device.report, .result = &result});
  append_checks(report, {}, rows);
  std::string out;
  const auto line = [&](const auto& cell, const auto& network_cell) {
    std::string_view separator = "";
    for (const Column& column : kTable) {
      out += separator;
      out += quoted(cell(column));
      separator = ",";
    }
    for (const NetworkFigure& figure : network_figures()) {
      out += separator;
      out += network_cell(figure);
    }
    out += '\n';
  };
  line([](const Column& column) { return std::string(column.header); },
       [](const NetworkFigure& figure) { return std::string(figure.name); });
  for (const Row& row : rows)
    line([&](const Column& column) { return column.cell(row); },
         [&](const NetworkFigure& figure) {
           return row.result == nullptr ? std::string() : number(figure.value(*row.result));
         });
  return out;
}

}  // namespace peakproof::reports
