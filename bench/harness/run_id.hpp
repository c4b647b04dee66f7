// The name of a run.
#pragma once

#include <string>

namespace peakproof::bench {

/// A new UUID of version 7 (RFC 9562, section 5.7): milliseconds since 1970, then 74 random bits.
[[nodiscard]] std::string new_run_id();

}  // namespace peakproof::bench
