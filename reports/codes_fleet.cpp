// Codes 63xx and 72xx: many reports as one.
#include <array>

#include "reports/codes_rows.hpp"

namespace peakproof::reports {
namespace {

constexpr std::string_view kOurs = "PeakProof: a fleet is complete, and each device in it counts once";

constexpr std::array kRows = {
    Code{"PP-6301", "fleet.duplicate", "configuration", "none", "The same report was given twice.",
         "Counted twice it would hide that another one is missing.", "equal run, host, device and start", kOurs, "none",
         "Nothing; look whether another node's report should have been in its place."},
    Code{"PP-6302", "fleet.measured_again", "configuration", "monitor", "A device was measured more than once.",
         "The latest report counts; an earlier rejection is not undone by it, only measured again.",
         "equal UUID (or serial, or host and PCI address); the later end counts", kOurs, "none",
         "Compare the two reports: peakproof compare."},
    Code{"PP-6303", "fleet.unexpected", "configuration", "none", "A host sent a report that was not expected.",
         "The list may be old, or the report is of another fleet.", "host names against --expect", kOurs, "none",
         "Mend the list, or leave the report out."},
    Code{"PP-6304", "fleet.mixed", "configuration", "config",
         "Versions, drivers, VBIOS or power limits are not the same all over the fleet.",
         "Figures of equal boards then differ for a reason that is no fault of the device.",
         "distinct values over the devices of a board", "SuperBench and DCGM compare nodes of one configuration only",
         "fix_config", "Bring the nodes to one configuration, then measure those that differed again."},
    Code{"PP-6305", "fleet.peers", "configuration", "none", "Equal devices were held against the median of the fleet.",
         "A whole node may be slow, which its own devices do not show.",
         "as PP-1301 and PP-1302, over all devices of one board", "Iglewicz and Hoaglin 1993 (robust z by the MAD)",
         "none", "See the outliers that PP-1301 names."},
    Code{"PP-7201", "fleet.missing", "validity", "triage", "A host that was expected sent no report.",
         "What was not measured is not accepted.", "host names against --expect",
         "NVIDIA's cluster readiness engine accepted what was missing, and closed that later", "retest",
         "Measure the host, or find out why it could not."},
    Code{"PP-7202", "fleet.count", "validity", "triage", "There are not as many reports as expected.",
         "What was not measured is not accepted.", "distinct runs against --expect N", kOurs, "retest",
         "Find the node that did not report; name the hosts with --expect FILE to have it named."},
    Code{"PP-7203", "fleet.unreadable", "validity", "triage", "A file holds no report that can be used.",
         "Left out silently it would make the fleet smaller.",
         "not JSON, no report, cut off, a report that contradicts itself, or a node without devices", kOurs, "retest",
         "Copy the file again from its node, or measure the node again."},
};

}  // namespace

std::span<const Code> codes_of_fleets() { return kRows; }

}  // namespace peakproof::reports
