// Codes 8xxx and 9xxx: the run, the fleet, and the use of the program.
#include <array>

#include "reports/codes_rows.hpp"

namespace peakproof::reports {
namespace {

constexpr std::array kRows = {
    Code{"PP-8101", "run.fault", "run", "isolate", "The device failed during the run.",
         "It was lost, hung, or reported an error that ends every program on it.",
         "a CUDA error that stays, or a worker that did not end; the report's fact \"fault\"",
         "CUDA Runtime API, error codes; NVIDIA's Xid catalogue, 79", "reboot_node",
         "Look at the driver's events and the kernel log; reset or reboot, and service the device if it returns."},
    Code{
        "PP-8102", "run.device", "run", "triage", "A device could not be measured at all.",
        "What was not measured is not accepted; the other devices of the node are measured all the same.",
        "a worker that opens the device and plans: MIG, a prohibited compute mode, another program that holds it, or a "
        "device that fails at once",
        "PeakProof: nothing passes without a measurement", "fix_config",
        "Do what the message says; where the device failed, look at the driver's events and the kernel log."},
    Code{"PP-8103", "run.interrupted", "run", "triage", "A signal ended the run of this report.",
         "Merged with others the report would hide that its run never came to its end.",
         "the report's own exit code, 128 + n", "PeakProof: nothing passes without a measurement", "retest",
         "Run again; --resume measures only what is missing."},
};

}  // namespace

std::span<const Code> codes_of_runs() { return kRows; }

}  // namespace peakproof::reports
