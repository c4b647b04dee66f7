// A device described in a file instead of asked: the input of `peakproof theory --spec`, and its output as JSON.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "theory/device_spec.hpp"
#include "theory/peak.hpp"

namespace peakproof::reports {

/// The description cannot be used. what() has one line for each bad field: which one, what was found, what is expected.
struct SpecError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The GPU that a JSON object describes. Required: `name`, `compute_capability` (text such as "9.0"), `sm_count`,
/// `sm_clock_mhz`. Optional: `variant` (else told from the name), `tensor_clock_mhz` (else the same as the SM clock),
/// `base_clock_mhz`, `memory_clock_mhz`, `memory_type`, `memory_data_rate_gbps` (per pin), `memory_bus_bits`,
/// `memory_gb` (1e9 bytes), `l2_mb` (2^20 bytes, as data sheets count it), `power_limit_w`. Throws SpecError on
/// anything missing, of the wrong type, not positive, absurdly large or small, and on fields of any other name.
[[nodiscard]] theory::DeviceSpec spec_from_json(std::string_view text);

/// {"device": {...}, "peaks": [{"pipe", "per_second", "unit", "clock_hz", "formula", "source"}]}; unknown is null.
[[nodiscard]] std::string theory_json(const theory::DeviceSpec& device, const std::vector<theory::Peak>& peaks);

}  // namespace peakproof::reports
