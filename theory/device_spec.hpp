// What a device says about itself, or a board's data sheet says about it: the input of every peak.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace peakproof::theory {

struct ComputeCapability {
  int major = 0;
  int minor = 0;
  friend constexpr auto operator<=>(const ComputeCapability&, const ComputeCapability&) = default;
};

/// Boards of one compute capability can differ in rate: GeForce halves the FP32-accumulate tensor rate, some boards
/// more. `h800` has its FP64 cut down, `gtx16` are the Turing chips without tensor cores (GTX 16, T400 to T1200,
/// MX450).
enum class Variant { any, datacenter_pro, geforce, a10g, l40, h20, h800, gtx16 };

enum class DeviceKind { gpu, cpu };

/// All clocks in Hz, rates in bits per second, sizes in bytes. Zero (or empty text) means unknown, and whatever needs
/// an unknown number has no peak: nothing is guessed.
struct DeviceSpec {
  std::string name;
  DeviceKind kind = DeviceKind::gpu;
  ComputeCapability compute_capability;       ///< GPU only
  Variant variant = Variant::datacenter_pro;  ///< GPU only
  std::string microarchitecture;              ///< CPU only: a key of the CPU table, e.g. "zen4"
  int sm_count = 0;                           ///< SMs; on a CPU, the cores that are used
  double base_clock_hz = 0;
  double sm_clock_hz = 0;      ///< rated boost clock of the vector pipes
  double tensor_clock_hz = 0;  ///< rated clock of the tensor pipes; 0: the same as sm_clock_hz
  double memory_clock_hz = 0;
  double memory_data_rate_bps = 0;  ///< bits per second and pin
  std::string memory_type;          ///< "HBM3e", "GDDR6X", …
  int memory_bus_bits = 0;          ///< enabled bits
  std::int64_t memory_bytes = 0;
  std::int64_t l2_bytes = 0;
  double power_limit_w = 0;
  int pcie_generation = 0;  ///< that the board is made for; what slot and host leave of it is found out by measuring
  int pcie_lanes = 0;
  double nvlink_bytes_per_second = 0;  ///< of all its links, both directions together
};

[[nodiscard]] std::string_view name(Variant variant);
[[nodiscard]] std::optional<Variant> variant_from_name(std::string_view name);
/// "9.0" <-> {9, 0}; nothing for any other text.
[[nodiscard]] std::string to_string(ComputeCapability cc);
[[nodiscard]] std::optional<ComputeCapability> compute_capability_from_text(std::string_view text);
/// The rates of a board whose name is known to differ from its siblings (GeForce, A10G, L40, H20, H800, GTX 16); else
/// datacenter_pro.
[[nodiscard]] Variant variant_of_board(std::string_view device_name);

}  // namespace peakproof::theory
