// The peak of a link: what its lanes signal, less what the encoding of the line takes.
#pragma once

#include <optional>
#include <string>

#include "theory/peak.hpp"

namespace peakproof::theory {

/// A PCIe link as it is negotiated, or as a slot or a device could have it; 0: unknown.
struct PcieLink {
  int generation = 0;  ///< 1 to 6
  int lanes = 0;
  friend bool operator==(const PcieLink&, const PcieLink&) = default;
};
/// "Gen5 x16"; "unknown" where generation or lanes are.
[[nodiscard]] std::string to_string(PcieLink link);

/// Transfers per second and lane x lanes x encoding / 8, in one direction or (`directions` 2) in both together. What
/// packets need for themselves is not taken off: it depends on the payload that the root port grants (see
/// pcie_payload_share). Nothing for a generation, a width or a number of directions that there is not.
[[nodiscard]] std::optional<Peak> pcie_peak(PcieLink link, int directions = 1);

/// What packets of this payload leave of the peak, from 0 to 1: payload / (payload + header and framing), with a header
/// of four words, as memory above 4 GiB needs it. Nothing for a generation that there is not or a payload below 1.
[[nodiscard]] std::optional<double> pcie_payload_share(int generation, int payload_bytes);

/// The NVLinks between two GPUs (or between a GPU and its switches), all alike.
struct NvLinks {
  int generation = 0;                ///< 1 to 5
  int links = 0;                     ///< active ones
  double line_bytes_per_second = 0;  ///< of one link and direction as the driver reports it; 0: unknown
};
/// Links x the data rate of their generation, in one direction or in both together. The driver's own figure is that of
/// the line, encoding and error correction included, and so a little higher; where it is lower, it is a link that runs
/// below its generation's rate, and counts. Nothing for a generation that there is not, or without links.
[[nodiscard]] std::optional<Peak> nvlink_peak(const NvLinks& links, int directions = 1);

}  // namespace peakproof::theory
