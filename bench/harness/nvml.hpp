// NVIDIA's management library, opened at run time: a second witness of clocks and power, and the reasons for a lower
// clock. Everything may be missing; nothing here fails.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "theory/link.hpp"

namespace peakproof::bench {

/// Bits of nvmlDeviceGetCurrentClocksEventReasons (NVML API reference, "NvmlClocksEventReasons").
enum ClockEventReason : std::uint64_t {
  reason_gpu_idle = 0x1,
  reason_application_clocks = 0x2,
  reason_sw_power_cap = 0x4,
  reason_hw_slowdown = 0x8,
  reason_sync_boost = 0x10,
  reason_sw_thermal = 0x20,
  reason_hw_thermal = 0x40,
  reason_hw_power_brake = 0x80,
  reason_display_clocks = 0x100,
};
/// "SW power cap, HW thermal slowdown", or "none".
[[nodiscard]] std::string describe_clock_reasons(std::uint64_t reasons);

/// How long a policy has lowered the clocks, up to a moment.
struct Violation {
  double at_s = 0;
  double lowered_s = 0;
};
/// The share of the time between two readings, 0..1; 0 where no time has passed. Pure.
[[nodiscard]] double violated_share(const Violation& begin, const Violation& end);

/// One NVLink of a GPU that is active.
struct NvLink {
  int generation = 0;          ///< 1 to 5; 0: one that is not known here
  bool to_switch = false;      ///< ends at an NVSwitch, which reaches every GPU on it
  std::string remote_address;  ///< PCI, of a GPU at the other end; empty: unknown
};
/// The generation that NVML's number for a version means (nvmlNvlinkVersion_t); 0: unknown.
[[nodiscard]] int nvlink_generation(unsigned version);

/// Why NVML does not answer (nvmlReturn_t), in words: "not supported by this GPU", "no permission", "GPU is lost" …
[[nodiscard]] std::string nvml_reason(int status);

class NvmlDevice;

/// The library, loaded and initialised; shut down with the last owner.
class Nvml : public std::enable_shared_from_this<Nvml> {
 public:
  /// Null where there is no library or it does not start; `why` then says so.
  [[nodiscard]] static std::shared_ptr<Nvml> open(std::string* why = nullptr);
  virtual ~Nvml() = default;
  [[nodiscard]] virtual std::string driver_version() const = 0;
  /// The device at this PCI address ("00000000:17:00.0"), or null.
  [[nodiscard]] virtual std::unique_ptr<NvmlDevice> device_at(const std::string& pci_bus_id) const = 0;
  /// PCI addresses of all GPUs that the driver manages, those that CUDA does not show included; nothing where NVML does
  /// not tell. One that is lost is named as "index N (why)".
  [[nodiscard]] virtual std::optional<std::vector<std::string>> addresses() const = 0;
};

/// One counter or state of a GPU's health, as it is now. What is not answered is empty and says why. The names, the same
/// on every GPU:
///   ecc_corrected_volatile, ecc_uncorrected_volatile (both also with _dram_ or _sram_ before "volatile"),
///   ecc_uncorrected_aggregate, ecc_sram_threshold_exceeded, retired_pages_pending, row_remap_corrected,
///   row_remap_uncorrected, row_remap_pending, row_remap_failed, row_remap_banks_low, row_remap_banks_none,
///   pcie_replays, pcie_generation, pcie_width, pcie_generation_max, pcie_width_max,
///   nvlinks_active, nvlinks_inactive, nvlink_replay_errors, nvlink_recovery_errors, nvlink_crc_errors,
///   violation_power_s, violation_thermal_s, violation_sync_boost_s, violation_board_limit_s,
///   violation_low_utilization_s, violation_reliability_s, recovery_action (0: none is needed)
struct CounterReading {
  std::string name;
  std::string unit;  ///< "errors", "packets", "rows", "banks", "links", "s"; "" for a state (0 or 1, a width …)
  std::optional<double> value;
  std::string why;
};

/// What the driver reported of a GPU.
struct DriverEvent {
  std::string kind;         ///< "xid", "ecc_uncorrected", "ecc_corrected", "gpu_lost"
  std::int64_t number = 0;  ///< of an Xid
};

/// Where a GPU's events arrive. Asking never waits (but NVML itself may block). A lost GPU is told once, as "gpu_lost".
class EventQueue {
 public:
  EventQueue() = default;
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;
  virtual ~EventQueue() = default;
  [[nodiscard]] virtual std::optional<DriverEvent> next() = 0;
};

/// One GPU. A field that NVML does not answer is empty.
class NvmlDevice {
 public:
  virtual ~NvmlDevice() = default;
  /// Every counter and state that is known here, answered or not, always in the same order.
  [[nodiscard]] virtual std::vector<CounterReading> counters() const = 0;
  /// What identifies the board and how it is set up, as facts; only those that are answered: uuid, serial, pci,
  /// pci_device_id, pci_subsystem_id, vbios, inforom, board_part, power_limit_w (enforced), power_limit_default_w,
  /// power_limit_min_w, power_limit_max_w, ecc, ecc_pending, mig, persistence ("on" or "off"), compute_mode ("default",
  /// "exclusive_process", "prohibited"), clock_sm_max_mhz, clock_sm_application_mhz, virtualization ("none",
  /// "passthrough", "vgpu" …), confidential_computing.
  [[nodiscard]] virtual std::map<std::string, std::string> identity() const = 0;
  /// Null where the driver reports no events to this process; `why` then says so.
  [[nodiscard]] virtual std::unique_ptr<EventQueue> watch_events(std::string* why = nullptr) const = 0;
  [[nodiscard]] virtual std::optional<std::uint64_t> clock_reasons() const = 0;
  [[nodiscard]] virtual std::optional<Violation> power_violation() const = 0;
  [[nodiscard]] virtual std::optional<Violation> thermal_violation() const = 0;
  [[nodiscard]] virtual std::optional<double> sm_clock_hz() const = 0;
  [[nodiscard]] virtual std::optional<double> max_sm_clock_hz() const = 0;
  [[nodiscard]] virtual std::optional<double> max_memory_clock_hz() const = 0;
  [[nodiscard]] virtual std::optional<int> memory_bus_bits() const = 0;
  /// Of the whole board: what it draws now, or where the driver does not tell, its mean of the last second.
  [[nodiscard]] virtual std::optional<double> power_w() const = 0;
  [[nodiscard]] virtual std::optional<double> power_limit_w() const = 0;
  [[nodiscard]] virtual std::optional<double> default_power_limit_w() const = 0;
  [[nodiscard]] virtual std::optional<int> temperature_c() const = 0;
  [[nodiscard]] virtual std::optional<int> gpu_utilization_percent() const = 0;
  [[nodiscard]] virtual std::optional<int> compute_processes() const = 0;
  [[nodiscard]] virtual std::optional<bool> mig_enabled() const = 0;
  [[nodiscard]] virtual std::optional<bool> ecc_enabled() const = 0;
  [[nodiscard]] virtual std::optional<std::uint64_t> uncorrected_ecc_errors() const = 0;
  [[nodiscard]] virtual std::optional<bool> persistence_mode() const = 0;
  /// As it is negotiated now: an idle GPU lets it fall to a lower generation.
  [[nodiscard]] virtual std::optional<theory::PcieLink> pcie_link() const = 0;
  /// The most that GPU and slot together can do.
  [[nodiscard]] virtual std::optional<theory::PcieLink> best_pcie_link() const = 0;
  /// The highest that the GPU alone can do.
  [[nodiscard]] virtual std::optional<int> own_pcie_generation() const = 0;
  /// Packets that had to be sent again since the driver was loaded.
  [[nodiscard]] virtual std::optional<std::uint64_t> pcie_replays() const = 0;
  /// NVLink-C2C links to the CPU, as a Grace Hopper has them.
  [[nodiscard]] virtual std::optional<int> c2c_links() const = 0;
  /// The active ones; empty where there is none.
  [[nodiscard]] virtual std::vector<NvLink> nvlinks() const = 0;
  /// Of the line of each active NVLink, in one direction.
  [[nodiscard]] virtual std::optional<double> nvlink_bytes_per_second() const = 0;
  [[nodiscard]] virtual std::string vbios() const = 0;
  [[nodiscard]] virtual std::string serial() const = 0;
};

}  // namespace peakproof::bench
