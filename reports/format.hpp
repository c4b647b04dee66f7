// The table of report formats. A format is a pure function from a Report to text.
#pragma once

#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "reports/result.hpp"

namespace peakproof::reports {

/// Of the `peakproof` object in the JSON (semantic: a reader refuses another major version).
/// reports/peakproof.schema.json describes it.
inline constexpr std::string_view kSchemaVersion = "1.5.0";

struct Format {
  std::string_view name;       ///< the option without dashes: "json"
  std::string_view extension;  ///< ".json"
  std::string_view help;
  std::string (*render)(const Report&);
};
/// All formats, in the order of --help. Each has a golden file tests/reports/golden/example<extension>.
[[nodiscard]] std::span<const Format> formats();

/// Google Benchmark's `context` and `benchmarks` (one row, the median, per result that has a usable time) and all of
/// the report under `peakproof`. Strict JSON: what is no finite number is null.
[[nodiscard]] std::string to_json(const Report& report);
/// The same without indentation, in at most `max_bytes`: where it is longer, samples are withheld, then the maps of the
/// SMs, then the timelines, until it fits, and `samples_withheld` says so. A longer text where even that does not help.
[[nodiscard]] std::string compact_json(const Report& report, std::size_t max_bytes);
/// For a terminal: at most 120 columns, no colour; the last line is the greppable "verdict: pass (exit 0)".
[[nodiscard]] std::string to_text(const Report& report);
/// GitHub Markdown; pipes and HTML in texts from outside are escaped.
[[nodiscard]] std::string to_markdown(const Report& report);
/// One row for each result and each check, quoted as RFC 4180 says (lines end in LF); a field is empty where its value is
/// unknown. The column `kind` tells the two apart; of a node or fleet all members' rows.
[[nodiscard]] std::string to_csv(const Report& report);

/// One page that needs nothing but itself: no script, no network. The tables, the latencies and the heat maps of sweeps.
[[nodiscard]] std::string to_html(const Report& report);
/// JUnit XML: a suite for each device, a case for each check; without checks, for each result.
[[nodiscard]] std::string to_junit(const Report& report);
/// Prometheus' text format, for the textfile collector.
[[nodiscard]] std::string to_prometheus(const Report& report);

/// The saved file cannot be read: says what is wrong and where.
struct ReadError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// The Report of a JSON text that to_json wrote. Throws ReadError on anything else, an unknown major schema version
/// included.
[[nodiscard]] Report from_json(std::string_view text);

/// The report without host name, user, paths (only file names stay), serials, UUIDs and PCI addresses, wherever in its
/// texts they stand. Withheld values read "withheld"; the run_id is made anew from the old one, so that reports of different
/// runs stay different. The policy stays, but for paths and names in it.
[[nodiscard]] Report anonymous(Report report);

}  // namespace peakproof::reports
