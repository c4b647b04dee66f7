// Times as reports write them, ISO 8601, whatever the locale and the time zone of this machine.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace peakproof::reports {

/// Seconds since 1970 of "2026-11-22T10:04:54+01:00" (or Z, or a fraction of a second); nothing for any other text.
[[nodiscard]] std::optional<double> utc_seconds(std::string_view text);
/// "2026-11-22T09:04:54+00:00": whole seconds, cut off.
[[nodiscard]] std::string utc_text(double seconds);

}  // namespace peakproof::reports
