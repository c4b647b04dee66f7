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
};

/// One counter or state of a GPU's health, as it is now. What is not answered is empty and says why.
struct CounterReading {
  std::string name;  ///< "ecc_uncorrected_volatile", "row_remap_pending", …: the same on every GPU
  std::string unit;  ///< "errors", "packets", "rows", "s"; "" for a state (0 or 1, a generation, a width)
  std::optional<double> value;
  std::string why;
};

/// What the driver reported of a GPU.
struct DriverEvent {
  std::string kind;         ///< "xid", "ecc_uncorrected", "ecc_corrected"
  std::int64_t number = 0;  ///< of an Xid
};

/// Where a GPU's events arrive. Asking never waits.
class EventQueue {
 public:
  virtual ~EventQueue() = default;
  [[nodiscard]] virtual std::optional<DriverEvent> next() = 0;
};

/// One GPU. A field that NVML does not answer is empty.
class NvmlDevice {
 public:
  virtual ~NvmlDevice() = default;
  /// Every counter and state that is known here, answered or not, always in the same order.
  [[nodiscard]] virtual std::vector<CounterReading> counters() const = 0;
  /// What identifies the board and how it is set up, as facts: "uuid", "serial", "pci", "vbios", "inforom", "board_part",
  /// "power_limit_w", "power_limit_default_w", "power_limit_max_w", "ecc", "ecc_pending", "mig", "compute_mode",
  /// "persistence", "clock_sm_locked" …; only those that are answered.
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
