// `peakproof theory`: what a machine should do, as text for a terminal of 120 columns. Pure functions.
#pragma once

#include <string>

#include "theory/boards.hpp"
#include "theory/device_spec.hpp"

namespace peakproof::bench {

/// The sheet of the device (clocks per domain, memory, units, L2, power limit), then its peaks at the rated clocks with
/// formulas and numbered sources, then the ridge points of its pipes against device memory. With a board, its links and
/// the peaks that its data sheet prints stand beside. What is unknown is said to be unknown.
[[nodiscard]] std::string theory_text(const theory::DeviceSpec& device, const theory::Board* board);

/// The known boards, one line each: what `--board` takes.
[[nodiscard]] std::string board_list_text();

}  // namespace peakproof::bench
