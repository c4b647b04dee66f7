// What a baseline and a report say about the device, in the same words.
#pragma once

#include <optional>
#include <string>

#include "reports/result.hpp"

namespace peakproof::reports {

/// The fact; empty where it is not known.
[[nodiscard]] std::string fact(const Report& report, const std::string& key);
/// "9.0"; "cpu" for a CPU.
[[nodiscard]] std::string architecture(const theory::DeviceSpec& spec);
/// In watts, as it is enforced; nothing where unknown.
[[nodiscard]] std::optional<double> power_limit(const Report& report);
/// The driver tells milliwatts: what differs by less than half a watt is the same limit.
[[nodiscard]] bool same_power(double a, double b);
/// "700 W", or "unknown".
[[nodiscard]] std::string watts_or_unknown(const std::optional<double>& watts);
/// The text on one line; "unknown" where it is empty.
[[nodiscard]] std::string or_unknown(const std::string& text);

}  // namespace peakproof::reports
