// Made-up acceptances as large as real ones become, with everything in them that a page can tell: for the size of pages
// and for the test that opens them in a browser.
#pragma once

#include "reports/result.hpp"

namespace peakproof::reports {

/// Of one device: about fifty results, telemetry, a timeline, counters, an Xid, checks of every status. `number` tells
/// the devices of a node apart; `slow` makes one of them lose 8 % on a memory pattern and fail for it.
[[nodiscard]] Report full_device(int number = 0, bool slow = false);
/// The same with more results than a sheet of paper holds, and with long and hostile texts wherever text can stand.
[[nodiscard]] Report crowded_device();
/// Of a node of so many devices, the fourth of them slow.
[[nodiscard]] Report full_node(int devices = 8, bool crowded = false);

}  // namespace peakproof::reports
