// What device is played, and how well or badly: read once from the environment variable PEAKPROOF_STAND_IN. The keys
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
  int error = 0;  ///< cudaError_t
};

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

  // How it behaves
  double speed = 0.99;  ///< of measured kernels, relative to the full rate of the architecture
  double clock = 1;     ///< true SM clock / sm_mhz
  Noise noise = Noise::none;
  std::uint64_t seed = 1;
  double launch_us = 1;
  Flaw flaw = Flaw::none;
  std::string flawed_kernel;   ///< empty: every measured one
  AtLaunch fail;               ///< this launch of a measured kernel is refused, the next is not
  AtLaunch lost;               ///< from this launch (of any kernel) on every call fails
  std::int64_t hang = 0;       ///< this launch (of any kernel) never ends
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
  int pcie_replays = 0;         ///< that come up after NVML was first asked
  double pcie_speed = 0.9;      ///< of copies of pinned memory, relative to the link
  double pageable_speed = 0.1;
  double copy_us = 1.2;        ///< fixed time of every copy over a link
  std::int64_t host_mib = 0;   ///< of pinned memory, in one piece, that the host gives; 0: any
  int c2c_links = 0;           ///< to the CPU
  bool peer = true;            ///< devices can reach each other's memory
  int nvlinks = 0;             ///< of each device; they end at switches
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
  int foreign_load_percent = 0;  ///< of somebody else, who has a process on the device
  int ecc_errors = 0;            ///< uncorrectable ones that come up after NVML was first asked
  bool mig = false;
  double watts = 412;            ///< that the board draws now; 0: the driver does not tell
  double average_watts = kSame;  ///< the mean of the last second; 0: the driver does not tell

  static constexpr double kSame = -1;  ///< as `watts`
};

/// The settings of this process. A key or value that is not understood ends the process with a message and exit code
/// 99: a test must not run on another device than it thinks.
[[nodiscard]] const Settings& settings();

/// The flaw of this kernel.
[[nodiscard]] Flaw flaw_of(std::string_view kernel);

/// Identity of the index-th device.
[[nodiscard]] std::array<std::uint8_t, 16> uuid_of(int index);
[[nodiscard]] int pci_bus_of(int index);

}  // namespace peakproof::stand_in
