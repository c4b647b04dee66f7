#include "bench/harness/xid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace peakproof::bench {
namespace {

// The catalogue's immediate actions ("resolution buckets").
constexpr std::string_view kRestartApp = "restart the application; where it comes back, ask the vendor";
constexpr std::string_view kCheckApp =
    "restart the application and look for an illegal access in it (compute-sanitizer)";
constexpr std::string_view kResetGpu = "reset the GPU; where it comes back, ask the vendor";
constexpr std::string_view kRestartNode =
    "restart the node, look at the PCIe link and the power; where it comes back, service";
constexpr std::string_view kIgnore = "nothing now; where it comes often, ask the vendor";
constexpr std::string_view kNvLink =
    "reset the GPU, look at both ends of the link; where it comes back, ask the vendor";
constexpr std::string_view kSoftware = "reset the GPU; where it comes back, look at the driver and its firmware";

constexpr std::array kXids = {
    Xid{8, "the GPU stopped processing", kRestartApp},
    Xid{11, "an invalid or corrupted push buffer", kCheckApp},
    Xid{13, "an exception in the graphics engine, mostly an access out of bounds by the application", kCheckApp},
    Xid{25, "an invalid push buffer", kCheckApp},
    Xid{31, "a page fault in GPU memory, mostly an illegal access by the application", kCheckApp},
    Xid{32, "an invalid or corrupted push buffer: mostly the quality of the PCIe link", kRestartApp},
    Xid{37, "an error of the driver's firmware", kIgnore},
    Xid{38, "an error of the driver's firmware", kIgnore},
    Xid{39, "an exception in a copy engine", kRestartApp},
    Xid{40, "an exception in a copy engine", kRestartApp},
    Xid{41, "an exception in a copy engine", kRestartApp},
    Xid{43, "the GPU stopped processing an application that caused a fault; the GPU is well", kIgnore},
    Xid{44, "a fault of the graphics engine while the context was switched", kIgnore},
    Xid{45, "an application was taken down, mostly after another error", "follow the other Xid; alone, ask the vendor"},
    Xid{46, "the GPU stopped processing", kResetGpu},
    Xid{48, "an uncorrectable memory error (double bit ECC)",
        "reset the GPU or restart the node; see the counts and thresholds by nvidia-smi -q -d ECC", true},
    Xid{54, "the auxiliary power is not connected", "look at the power cables"},
    Xid{60, "an exception in the video processor", kRestartApp},
    Xid{62, "an internal micro-controller halted", kResetGpu},
    Xid{63, "a row of memory is marked to be remapped", "reset the GPU when convenient"},
    Xid{64, "a row of memory could not be remapped", kResetGpu},
    Xid{66, "an illegal access by the driver", kIgnore},
    Xid{67, "an illegal access by the driver", kIgnore},
    Xid{69, "an error of the graphics engine's class", kCheckApp},
    Xid{74, "an NVLink error", kNvLink},
    Xid{78, "vGPU could not start", "update driver and firmware"},
    Xid{79, "the GPU has fallen off the bus", kRestartNode, true},
    Xid{80, "corrupted data sent to the GPU", kCheckApp},
    Xid{92, "a high rate of corrected memory errors", kIgnore},
    Xid{93, "the InfoROM's wear limit is reached", kIgnore},
    Xid{94, "an uncorrectable memory error, contained to one application",
        "restart the application; reset the GPU when convenient"},
    Xid{95, "an uncorrectable memory error that was not contained", "reset the GPU before anything else runs on it",
        true},
    Xid{109, "a context switch timed out", kResetGpu},
    Xid{110, "a security fault, mostly of the hardware", "undo the last change of the hardware and start it cold"},
    Xid{119, "the GPU's system processor (GSP) did not answer", kSoftware},
    Xid{120, "an error of the GPU's system processor (GSP)", kSoftware},
    Xid{121, "corrected errors on the C2C link to the CPU", "reset the GPU when convenient"},
    Xid{136, "an NVLink could not be trained", kNvLink},
    Xid{137, "a fault at the other end of an NVLink, mostly an illegal access by the application", kCheckApp},
    Xid{140, "an uncorrectable memory error that could not be handled", kResetGpu},
    Xid{141, "an error of CUDA's fast path", kIgnore},
    Xid{143, "the GPU could not be initialised", kResetGpu},
    Xid{144, "an NVLink error (SAW)", kNvLink},
    Xid{145, "an NVLink error (RLW)", kNvLink},
    Xid{146, "an NVLink error (TLW)", kNvLink},
    Xid{147, "an NVLink error (TREX)", kNvLink},
    Xid{148, "an NVLink error (NVLPW_CTRL)", kNvLink},
    Xid{149, "an NVLink error (NETIR)", kNvLink},
    Xid{150, "an NVLink error (MSE)", kNvLink},
    Xid{151, "a key rotation failed", "restart the virtual machine"},
    Xid{154, "the driver changed the recovery action that it recommends", "do what recovery_action says"},
    Xid{155, "an NVLink went down, as software wanted it", kNvLink},
    Xid{156, "a resource of the GPU is retired", "reset the GPU when convenient"},
    Xid{157, "a resource of the GPU could not be retired: there is no spare", "ask the vendor"},
    Xid{158, "a fatal timeout of the GPU", kResetGpu},
    Xid{159, "an error on the C2C link that is not of data", "ask the vendor"},
    Xid{160, "a channel of the memory is retired", kIgnore},
    Xid{161, "a channel of the memory could not be retired", kIgnore},
    Xid{162, "power smoothing works again", "nothing"},
    Xid{163, "power smoothing was switched off, by heat or a timeout", "look at the temperatures"},
    Xid{164, "the circuit for power smoothing wears out", "expect to replace the GPU where power smoothing is wanted"},
    Xid{165, "the circuit for power smoothing is worn out", "replace the GPU where power smoothing is wanted"},
    Xid{167, "a fatal timeout on PCIe", kRestartNode},
    Xid{168, "less memory than there should be: errors in the protected region", "switch ECC on, or restart the node"},
    Xid{169, "an internal micro-controller halted", kResetGpu},
    Xid{171, "an uncorrectable error in DRAM, to Xid 48", "follow Xid 48"},
    Xid{172, "an uncorrectable error in SRAM, to Xid 48", "follow Xid 48"},
};

}  // namespace

std::span<const Xid> xids() { return kXids; }

const Xid* find_xid(std::int64_t number) {
  const auto* const found =
      std::find_if(kXids.begin(), kXids.end(), [number](const Xid& xid) { return xid.number == number; });
  return found == kXids.end() ? nullptr : found;
}

std::string describe_xid(std::int64_t number) {
  if (const Xid* xid = find_xid(number)) return fmt::format("Xid {}: {}; {}", number, xid->meaning, xid->action);
  return fmt::format("Xid {}: not known to this version; look it up in NVIDIA's Xid catalogue", number);
}

}  // namespace peakproof::bench
