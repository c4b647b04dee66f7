// Reports as JSON, in the shape of Google Benchmark's output with everything of ours beside it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/format.hpp"
#include "reports/json_encode_report.hpp"
#include "reports/networks_view.hpp"
#include "reports/render.hpp"

namespace peakproof::reports {
namespace {

using Json = nlohmann::ordered_json;

/// Google Benchmark's keys, all of them, with its types: some readers refuse a file in which one is missing.
Json encode_context(const Report& r) {
  Json loads = Json::array();
  for (const double x : r.host.load_average) {
    if (std::isfinite(x)) loads.push_back(x);
  }
  const bool debug = r.tool.build_type == "Debug" || r.tool.build_type == "debug";
  return {{"date", r.started},
          {"host_name", r.host.name},
          {"executable", r.argv.empty() ? std::string() : r.argv.front()},
          {"num_cpus", r.host.cpu_count},
          {"mhz_per_cpu", std::isfinite(r.host.cpu_hz) ? std::llround(r.host.cpu_hz * 1e-6) : 0},
          {"cpu_scaling_enabled", r.host.cpu_scaling.value_or(false)},
          {"caches", Json::array()},
          {"load_avg", loads},
          {"library_version", fmt::format("peakproof {}", r.tool.version)},
          {"library_build_type", debug ? "debug" : "release"},
          {"json_schema_version", 1}};
}

/// A figure that another tool may chart: there is a time, and the answer was not found wrong.
bool chartable(const Result& r) {
  const bool measured = r.verdict != Verdict::error && r.verdict != Verdict::incorrect && r.verdict != Verdict::skipped;
  return measured && std::isfinite(r.summary.median_s) && r.summary.median_s > 0;
}

/// One row, the median. Device time stands for both times, because the host's CPU time says nothing about a device.
Json encode_row(const std::string& name, const Result& r, std::size_t family, std::size_t instance) {
  const double median_ms = r.summary.median_s * 1e3;
  Json row = {{"name", name},
              {"family_index", family},
              {"per_family_instance_index", instance},
              {"run_name", name},
              {"run_type", "iteration"},
              {"repetitions", 1},
              {"repetition_index", 0},
              {"threads", 1},
              {"iterations", r.summary.count},
              {"real_time", median_ms},
              {"cpu_time", median_ms},
              {"time_unit", "ms"},
              {"label", reports::name(r.verdict)}};
  const auto counter = [&](std::string_view key, std::optional<double> value) {
    if (value && std::isfinite(*value)) row[std::string(key)] = *value;
  };
  // Of a network the items are what goes in: images, samples. Its operations a second stand beside them.
  const bool network = r.inference || r.training;
  counter(r.unit == "B/s" ? "bytes_per_second" : "items_per_second",
          network ? network_items_per_s(r) : std::optional(r.achieved_per_s));
  if (network) counter("achieved_per_s", r.achieved_per_s);
  for (const NetworkFigure& figure : network_figures()) counter(figure.name, figure.value(r));
  counter("rated_peak_per_s", r.peak ? std::optional(r.peak->per_second) : std::nullopt);
  counter("e_spec_ratio", r.efficiency.spec);
  counter("e_issue_ratio", r.efficiency.issue);
  counter("clock_ratio", r.efficiency.clock);
  counter("sm_clock_hz", r.summary.median_sm_clock_hz);
  counter("power_w", r.summary.median_power_w);
  counter("ci95_low_s", r.summary.ci95_low_s);
  counter("ci95_high_s", r.summary.ci95_high_s);
  counter("spread_ratio", judged_spread(r));
  if (r.latency) {
    counter("latency_cycles", r.latency->cycles);
    counter("latency_ns", r.latency->ns);
  }
  return row;
}

/// The rows of all devices; of several, each row's name says whose it is behind the benchmark's name.
Json encode_rows(const Report& report) {
  Json rows = Json::array();
  std::vector<std::pair<std::string, std::size_t>> families;  // name, rows so far
  for (const NamedDevice& device : named_devices(report)) {
    for (const Result& r : device.report->results) {
      if (!chartable(r)) continue;
      auto family = std::find_if(families.begin(), families.end(), [&](const auto& f) { return f.first == r.name; });
      if (family == families.end()) family = families.insert(family, {r.name, 0});
      rows.push_back(encode_row(row_name(r, device.name), r, static_cast<std::size_t>(family - families.begin()),
                                family->second++));
    }
  }
  return rows;
}

Json encode(const Report& report) {
  return {{"context", encode_context(report)},
          {"benchmarks", encode_rows(report)},
          {"peakproof", ReportEncoder<Json>::of(report)}};
}

/// Calls change with the report and all of its members.
template <typename Change>
void each_report(Report& report, const Change& change) {
  change(report);
  for (Report& member : report.members) each_report(member, change);
}

}  // namespace

std::string to_json(const Report& report) { return dumped(encode(report)); }

std::string compact_json(const Report& report, std::size_t max_bytes) {
  constexpr int kOnOneLine = -1;
  std::string text = dumped(encode(report), kOnOneLine);
  Report shorter;
  for (const auto& withhold : {+[](Report& r) {
                                 for (Result& result : r.results) result.samples.clear();
                               },
                               +[](Report& r) {
                                 for (Result& result : r.results) result.unit_maps.clear();
                               },
                               +[](Report& r) {
                                 if (r.health) withhold_timeline(*r.health);
                               }}) {
    if (text.size() <= max_bytes) return text;
    if (!shorter.samples_withheld) shorter = report;
    each_report(shorter, [&](Report& r) {
      withhold(r);
      r.samples_withheld = true;
    });
    text = dumped(encode(shorter), kOnOneLine);
  }
  return text;
}

}  // namespace peakproof::reports
