// The host, the build and the time, for the report.
#pragma once

#include <string>

#include "reports/result.hpp"

namespace peakproof::bench {

[[nodiscard]] reports::Host host_info();
[[nodiscard]] reports::Tool tool_info();
/// Now, ISO 8601 with the local offset: "2026-11-22T10:04:54+00:00".
[[nodiscard]] std::string timestamp();
/// "peakproof 0.1.0 (commit 1a2b3c4)".
[[nodiscard]] std::string version_line();

}  // namespace peakproof::bench
