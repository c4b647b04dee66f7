// The parts of the table of codes (reports/codes.hpp), which codes() puts together.
#pragma once

#include <span>

#include "reports/codes.hpp"

namespace peakproof::reports {

/// 1xxx to 3xxx and 7xxx: what was measured.
[[nodiscard]] std::span<const Code> codes_of_measurements();
/// 4xxx to 6xxx: the device and its surroundings.
[[nodiscard]] std::span<const Code> codes_of_devices();
/// 63xx and 72xx: many reports as one.
[[nodiscard]] std::span<const Code> codes_of_fleets();
/// 8xxx and 9xxx: the run and its use.
[[nodiscard]] std::span<const Code> codes_of_runs();

}  // namespace peakproof::reports
