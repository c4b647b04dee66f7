// The table of report formats. A format is a pure function from a Report to text.
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "reports/result.hpp"

namespace peakproof::reports {

/// Of the `peakproof` object in the JSON (semantic: a reader refuses another major version).
/// reports/peakproof.schema.json describes it.
inline constexpr std::string_view kSchemaVersion = "1.3.0";

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
/// For a terminal: at most 120 columns, no colour; the last line is the greppable "verdict: pass (exit 0)".
[[nodiscard]] std::string to_text(const Report& report);
/// GitHub Markdown; pipes and HTML in texts from outside are escaped.
[[nodiscard]] std::string to_markdown(const Report& report);
/// One row for each result, quoted as RFC 4180 says (lines end in LF); a field is empty where its value is unknown.
[[nodiscard]] std::string to_csv(const Report& report);

/// One page that needs nothing but itself: no script, no network. The tables, the latencies and the heat maps of sweeps.
[[nodiscard]] std::string to_html(const Report& report);

/// The saved file cannot be read: says what is wrong and where.
struct ReadError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// The Report of a JSON text that to_json wrote. Throws ReadError on anything else, an unknown major schema version
/// included.
[[nodiscard]] Report from_json(std::string_view text);

/// The report without host name, user, paths (only file names stay), serials, UUIDs and PCI addresses, wherever in its
/// texts they stand. Withheld values read "withheld".
[[nodiscard]] Report anonymous(Report report);

}  // namespace peakproof::reports
