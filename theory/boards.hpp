// Known boards: rated clocks, SMs, memory and links of their data sheets, with the peaks that the data sheets print,
// against which the table of rates is checked.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "theory/device_spec.hpp"
#include "theory/pipe.hpp"

namespace peakproof::theory {

/// A printed peak, dense: in T(FL)OPS, for dram in GB/s. Sparse figures of data sheets are halved.
struct PublishedPeak {
  Pipe pipe{};
  double value = 0;
  [[nodiscard]] double per_second() const;
};

/// A board as its data sheet prints it; 0 or empty means not published (or not reliably).
struct Board {
  static constexpr std::size_t max_published = 16;
  static constexpr std::size_t max_sources = 7;

  std::string_view name;
  ComputeCapability compute_capability;
  Variant variant = Variant::datacenter_pro;
  int sm_count = 0;
  double base_mhz = 0;
  double boost_mhz = 0;         ///< of the vector pipes
  double tensor_boost_mhz = 0;  ///< of the tensor pipes, where it differs
  std::string_view memory_type;
  double memory_gb = 0;
  int memory_bus_bits = 0;
  double memory_clock_mhz = 0;
  double data_rate_gbps = 0;  ///< per pin
  double l2_mib = 0;
  double power_w = 0;
  int pcie_generation = 0;
  int pcie_lanes = 0;
  double nvlink_gbs = 0;  ///< both directions together
  std::array<PublishedPeak, max_published> published_peaks{};
  std::array<std::string_view, max_sources> cited{};
  std::string_view note;
};

/// All boards, by compute capability.
[[nodiscard]] std::span<const Board> boards();
/// The peaks that the data sheet prints.
[[nodiscard]] std::span<const PublishedPeak> published_peaks(const Board& board);
/// Where the board's figures come from.
[[nodiscard]] std::span<const std::string_view> sources_of(const Board& board);
[[nodiscard]] DeviceSpec device_spec(const Board& board);

/// The result of looking for a board: `board`, or else `error`, one line that says what to type instead.
struct BoardSearch {
  const Board* board = nullptr;
  std::vector<const Board*> candidates;  ///< several boards fit, or none does and these come close
  std::string error;
};
/// The board of that name or of an unambiguous part of it, in any case: "A100 SXM", "h200", "4090", and also the name
/// that the driver gives ("NVIDIA H100 80GB HBM3").
[[nodiscard]] BoardSearch find_board(std::string_view name);

/// The board that a running device is: its driver's name holds no word that the board's name lacks, and compute
/// capability, SM count and, where both are known, bus width agree. Of several, the one of the same boost clock. Else
/// null: then the device's own figures are all there is.
[[nodiscard]] const Board* identify_board(const DeviceSpec& device);

}  // namespace peakproof::theory
