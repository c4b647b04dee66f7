// What devices are played, and how well or badly: read once from the environment variable PEAKPROOF_STAND_IN. The keys
// are described in README.md.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace peakproof::stand_in {

/// What is wrong with the answer of a measured kernel.
enum class Flaw {
  none,
  wrong,    ///< one bit (one element of a matrix) differs
  nan,      ///< one element is not a number
  idle,     ///< the launch takes its time and does nothing
  shorter,  ///< the last trip, slab or vector is left out
  dropped,  ///< one chain, or one element of every sum, is left out
};

enum class Noise {
  none,
  clock,  ///< the SM clock changes between two states
  time,   ///< the duration varies by chance at a constant clock
};

/// Something that happens at the n-th launch (counted from 1; 0: never).
struct AtLaunch {
  std::int64_t launch = 0;
  int error = 0;             ///< cudaError_t
  bool of_measured = false;  ///< only launches of measured kernels count
};

/// How CUDA and NVML fail to start.
struct StartFault {
  int cuda = 0;            ///< cudaError_t; 0: CUDA starts
  int nvml = 0;            ///< nvmlReturn_t
  bool of_device = false;  ///< the runtime starts, the device cannot be used
  bool at_launch = false;  ///< everything starts, no kernel has code for the device
};

/// From when on NVML does something.
struct NvmlMoment {
  std::int64_t call = 0;    ///< this call to NVML; 0: never
  std::int64_t launch = 0;  ///< this launch of a measured kernel; 0: never
};

enum class RowRemap { none, recorded, pending, failed, low, full, unsupported };

struct Settings {
  // The device
  std::string name = "STAND-IN H200";
  int count = 1;
  int cc_major = 9;
  int cc_minor = 0;
  int sms = 4;
  double sm_mhz = 1980;
  double memory_mhz = 3201;
  int bus_bits = 6016;
  std::int64_t l2_mib = 1;
  std::int64_t l2_real_mib = 0;  ///< what it holds, where that is not what the driver says
  std::int64_t memory_mib = 512;
  bool driver = true;
  bool visible = true;  ///< CUDA sees the device; NVML does anyway
  StartFault init;

  // How it behaves
  double speed = 0.99;  ///< of measured kernels, relative to the full rate of the architecture
  double clock = 1;     ///< true SM clock / sm_mhz
  Noise noise = Noise::none;
  std::uint64_t seed = 1;
  double launch_us = 1;
  Flaw flaw = Flaw::none;
  std::string flawed_kernel;   ///< empty: every measured one
  int flawed_sm = -1;          ///< of a chain, on which SM the wrong item is; -1: the one in the middle
  AtLaunch fail;               ///< this launch of a measured kernel is refused, the next is not
  AtLaunch lost;               ///< from this launch on every call fails
  AtLaunch hang;               ///< this launch never ends
  bool deaf = false;           ///< then that call does not even return, and no signal but SIGKILL is heard
  std::int64_t crash = 0;      ///< at this launch of a measured kernel the process dies of SIGSEGV
  std::int64_t signal_at = 0;  ///< at this launch of a measured kernel the process gets a signal
  int signal = 0;
  int candidates = 8;         ///< algorithms that cuBLASLt offers for a product
  int refused_candidate = 0;  ///< the one of them that does not run after all, from 1; 0: none
  double pause_ms = 0;        ///< real time that a launch of a measured kernel takes the host

  // Links and launching
  struct Link {
    int generation = 5;
    int lanes = 16;
  };
  Link pcie;                    ///< under load
  Link pcie_idle = {1, 16};     ///< while nothing moves
  Link pcie_best = {0, 0};      ///< what GPU and slot can do; 0: as `pcie`
  int pcie_own_generation = 5;  ///< of the GPU alone
  int pcie_replays = 0;         ///< that come up with the first launch of a measured kernel
  double pcie_speed = 0.9;      ///< of copies of pinned memory, relative to the link
  double pageable_speed = 0.1;
  double copy_us = 1.2;        ///< fixed time of every copy over a link
  std::int64_t host_mib = 0;   ///< of pinned memory, in one piece, that the host gives; 0: any
  int c2c_links = 0;           ///< to the CPU
  bool peer = true;            ///< devices can reach each other's memory
  int nvlinks = 0;             ///< of each device; they end at switches
  int nvlinks_down = 0;        ///< of them
  int nvlink_errors = 0;       ///< of a kind, that come up with the first launch of a measured kernel
  int nvlink_error_kind = 2;   ///< nvmlNvLinkErrorCounter_t: CRC of flits
  bool nvswitch = true;        ///< or else at the other devices, in turn
  int nvlink_version = 6;      ///< as NVML numbers them: 4.0
  double nvlink_mbs = 26562;   ///< of the line, as NVML says it
  double p2p_speed = 0.84;     ///< of copies between devices, relative to the link
  double event_us = 0.5;       ///< from one event to the next with nothing between them
  double graph_node_us = 0.9;  ///< fixed time of a launch in a graph

  // What NVML says
  bool nvml = true;
  std::uint64_t clock_reasons = 0;
  int nvml_bus_bits = 0;  ///< 0: as the driver says
  double nvml_sm_mhz = 0;
  bool permuted = false;                 ///< its devices in another order than CUDA's
  NvmlMoment nvml_hang;                  ///< from then on no call returns
  NvmlMoment nvml_lost;                  ///< from then on the GPU is lost
  std::uint64_t clock_reasons_then = 0;  ///< beside `clock_reasons`, from a launch of a measured kernel on
  std::int64_t clock_reasons_from = 0;   ///< which one
  int foreign_load_percent = 0;          ///< of somebody else, who has a process on the device
  bool ecc = true;
  bool ecc_pending = true;  ///< after the next reboot
  int ecc_errors = 0;       ///< uncorrectable ones that come up with the first launch of a measured kernel
  int ecc_corrected = 0;    ///< the same, corrected ones
  bool sram_threshold = false;
  bool retired_pending = false;
  RowRemap remap = RowRemap::none;
  std::int64_t xid_at = 0;  ///< the launch of a measured kernel at which an Xid arrives
  int xid = 0;
  bool mig = false;
  int compute_mode = 0;  ///< nvmlComputeMode_t
  bool persistence = true;
  double power_limit_w = 700;
  int temperature_c = 46;
  std::array<double, 6> violation_ms = {};  ///< by nvmlPerfPolicyType_t, in each second of device time
  double application_mhz = 0;               ///< 0: the rated clock
  int virtualization = 0;                   ///< nvmlGpuVirtualizationMode_t
  bool confidential = false;
  int recovery_action = 0;       ///< nvmlDeviceGpuRecoveryAction_t
  double watts = 412;            ///< that the board draws now; 0: the driver does not tell
  double average_watts = kSame;  ///< the mean of the last second; 0: the driver does not tell

  static constexpr double kSame = -1;  ///< as `watts`
};

/// The settings of the device that this thread has chosen (the first one until it has). A key or value that is not
/// understood ends the process with a message and exit code 99: a test must not run on another device than it thinks.
[[nodiscard]] const Settings& settings();
/// Of the index-th device of the machine.
[[nodiscard]] const Settings& settings_of(int index);
/// From here on this thread's settings() are those of the index-th device.
void play_device(int index);

/// The flaw of this kernel.
[[nodiscard]] Flaw flaw_of(std::string_view kernel);

/// Identity of the index-th device.
[[nodiscard]] std::array<std::uint8_t, 16> uuid_of(int index);
[[nodiscard]] std::string uuid_text(int index);  ///< "GPU-57a2d120-…"
[[nodiscard]] int pci_bus_of(int index);

}  // namespace peakproof::stand_in
