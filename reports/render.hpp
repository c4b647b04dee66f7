// What the formats for people share: figures as text, the table, and what stands behind each row of it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/curve.hpp"
#include "reports/heat_map.hpp"
#include "reports/result.hpp"

namespace peakproof::reports {

/// "64.93 TFLOP/s", "4312 GB/s" (bytes go no higher than GB); "-" where it is no positive finite number.
[[nodiscard]] std::string rate_text(double per_second, std::string_view unit);
/// 0.9702 -> "97.0"; "-" where unknown or no finite number.
[[nodiscard]] std::string percent_text(std::optional<double> fraction, int decimals = 1);
/// 1.98e9 -> "1980"; "-" where it is no positive finite number.
[[nodiscard]] std::string megahertz_text(double hz);
/// "5.021 ms"; "-" where it is no finite number.
[[nodiscard]] std::string time_text(double seconds);
/// 693.2 -> "693 W"; "-" where it is no positive finite number.
[[nodiscard]] std::string watts_text(double watts);
/// A number of cycles or nanoseconds: "4.02"; "-" where it is no positive finite number.
[[nodiscard]] std::string cycles_text(double value);
/// "4.02 cycles (±0.01), 2.03 ns"; "-" where it is not usable. ± is the larger half of the 95 % interval.
[[nodiscard]] std::string latency_text(const Latency& latency);
/// What a result reached: its rate, or its latency where that was measured, or the time of a call where calls were counted.
[[nodiscard]] std::string achieved_text(const Result& result);
/// The larger half of the median's 95 % interval over the median; nothing where it is not finite.
[[nodiscard]] std::optional<double> relative_interval(const Summary& summary);
/// The name with its parameters: "fp32_fma/ilp:8". Names and keys stand as they are.
[[nodiscard]] std::string row_name(const Result& result);
/// The same with whose it is behind the benchmark's name: "fp32_fma/gpu:0/ilp:8". As above where `device` is empty.
[[nodiscard]] std::string row_name(const Result& result, std::string_view device);

/// A device of a report, itself or one of its members, and what it is called there: "gpu:0", in a fleet
/// "node:lab-7/gpu:0". Names are unique; that of a report that is no member is empty.
struct NamedDevice {
  std::string name;
  const Report* report = nullptr;
};
[[nodiscard]] std::vector<NamedDevice> named_devices(const Report& report);
/// What each member is called among its likes: "gpu:0", "node:lab-7". Unique.
[[nodiscard]] std::vector<std::string> member_names(const Report& report);

/// The text on one line: control characters (line breaks and terminal escapes among them) become spaces.
[[nodiscard]] std::string one_line(std::string_view text);

/// The efficiency table.
inline constexpr std::size_t kColumns = 9;
using Cells = std::array<std::string, kColumns>;
[[nodiscard]] Cells table_row(const Result& result);

/// One named line of the explanation: "rated peak", "132 SMs x … = 66.91 TFLOP/s".
struct Line {
  std::string label;
  std::string text;
};
/// What stands behind a row: peaks, sources, power, the check of the answer, the audit, losses, floor, samples, note.
/// The report knows the power limit.
[[nodiscard]] std::vector<Line> result_lines(const Report& report, const Result& result);
/// What lowered the clock while the result was sampled, and how long: "sw_power_cap 12.0 %"; empty: nothing.
[[nodiscard]] std::string reasons_text(const Telemetry& telemetry);
/// The points of a map that were measured and cannot be believed, and why (what was not measured is in
/// unmeasured_lines). The map was made from the report's results.
[[nodiscard]] std::vector<Line> doubtful_lines(const Report& report, const HeatMap& map);
/// The same of a curve's points, but for noisy ones, which its table marks.
[[nodiscard]] std::vector<Line> doubtful_lines(const Report& report, const Curve& curve);
/// What was measured on: the device with its rated figures and its facts, the host, the tool.
[[nodiscard]] std::vector<Line> run_lines(const Report& report);
/// What was not measured, and why: planned without a result, skipped, failed.
[[nodiscard]] std::vector<Line> unmeasured_lines(const Report& report);

/// What was measured: "NVIDIA H200", "8 x NVIDIA H200".
[[nodiscard]] std::string boards_text(const Report& report);
/// Whether any device of the report is a pretend one of the tests.
[[nodiscard]] bool stand_in(const Report& report);
/// "PeakProof 0.1.0 on NVIDIA H200, driver 580.65.06".
[[nodiscard]] std::string headline(const Report& report);
/// "verdict: pass (exit 0)".
[[nodiscard]] std::string verdict_line(const Report& report);
/// Printed at the top where stand_in() is.
inline constexpr std::string_view kStandInWarning =
    "STAND-IN: a pretend device of the tests, not hardware. No figure here is a measurement or a reference.";
/// How to read the columns.
inline constexpr std::string_view kLegend =
    "E_spec: of the peak at the rated clock. E_issue: of the peak at the measured clock. C: measured / rated clock. "
    "E_spec = E_issue x C. +-CI: 95 % interval of the median. Spread: (p90 - p10) / median of the times, of a burst of "
    "E_issue.";

}  // namespace peakproof::reports
