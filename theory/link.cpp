#include "theory/link.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "theory/units.hpp"

namespace peakproof::theory {
namespace {

struct PcieGeneration {
  double transfers_per_second;  // per lane; one bit each
  double encoded_bits;          // of what a block of the line holds …
  double line_bits;             // … this many bits go over it
  std::string_view encoding;
  int packet_bytes;  // what a packet needs beside its payload: framing, sequence number, four-word header, checksum
};

/// By generation, from 1.
constexpr std::array<PcieGeneration, 6> kPcie = {{
    {2.5e9, 8, 10, "8/10", 24},
    {5e9, 8, 10, "8/10", 24},
    {8e9, 128, 130, "128/130", 24},
    {16e9, 128, 130, "128/130", 24},
    {32e9, 128, 130, "128/130", 24},
    {64e9, 236, 256, "236/256", 16},  // a flit guards the packets in it: they have no framing of their own
}};

constexpr std::string_view kPcieSource =
    "PCI Express Base Specification 1.0 to 6.0: 8b/10b up to 5 GT/s, 128b/130b up to 32 GT/s, at 64 GT/s flits of 256 "
    "bytes of which 236 hold packets";

const PcieGeneration* find_pcie(int generation) {
  const auto index = static_cast<std::size_t>(generation) - 1;
  return index < kPcie.size() ? &kPcie.at(index) : nullptr;
}

struct NvLinkGeneration {
  double bytes_per_second;  // of one link and direction
  std::string_view source;
};

/// By generation, from 1.
constexpr std::array<NvLinkGeneration, 5> kNvLink = {{
    {20e9, "NVIDIA Tesla P100 whitepaper: 4 links, 160 GB/s of both directions"},
    {25e9, "NVIDIA Tesla V100 whitepaper: 6 links, 300 GB/s of both directions"},
    {25e9, "NVIDIA A100 whitepaper: 12 links, 600 GB/s of both directions"},
    {25e9, "NVIDIA H100 whitepaper: 18 links, 900 GB/s of both directions"},
    {50e9, "NVIDIA Blackwell architecture technical brief: 18 links, 1.8 TB/s of both directions"},
}};

bool is_width(int lanes) {
  constexpr std::array widths = {1, 2, 4, 8, 12, 16, 32};
  return std::find(widths.begin(), widths.end(), lanes) != widths.end();
}

std::string directions_text(int directions) { return directions == 2 ? "2 directions x " : ""; }
bool is_directions(int directions) { return directions == 1 || directions == 2; }

}  // namespace

std::string to_string(PcieLink link) {
  if (link.generation <= 0 || link.lanes <= 0) return "unknown";
  return "Gen" + std::to_string(link.generation) + " x" + std::to_string(link.lanes);
}

std::optional<Peak> pcie_peak(PcieLink link, int directions) {
  const PcieGeneration* generation = find_pcie(link.generation);
  if (generation == nullptr || !is_width(link.lanes) || !is_directions(directions)) return std::nullopt;
  return Peak{
      Pipe::pcie,
      directions * generation->transfers_per_second * link.lanes * generation->encoded_bits / generation->line_bits / 8,
      0,
      directions_text(directions) + plain(1e-9 * generation->transfers_per_second) + " GT/s x " +
          std::to_string(link.lanes) + (link.lanes == 1 ? " lane x " : " lanes x ") +
          std::string(generation->encoding) + " / 8",
      std::string(kPcieSource)};
}

std::optional<double> pcie_payload_share(int generation, int payload_bytes) {
  const PcieGeneration* found = find_pcie(generation);
  if (found == nullptr || payload_bytes < 1) return std::nullopt;
  return static_cast<double>(payload_bytes) / (payload_bytes + found->packet_bytes);
}

std::optional<Peak> nvlink_peak(const NvLinks& links, int directions) {
  const auto index = static_cast<std::size_t>(links.generation) - 1;
  if (index >= kNvLink.size() || links.links < 1 || !is_directions(directions)) return std::nullopt;
  const NvLinkGeneration& generation = kNvLink.at(index);
  const bool slower = links.line_bytes_per_second > 0 && links.line_bytes_per_second < generation.bytes_per_second;
  const double rate = slower ? links.line_bytes_per_second : generation.bytes_per_second;
  return Peak{Pipe::nvlink, directions * rate * links.links, 0,
              directions_text(directions) + std::to_string(links.links) +
                  (links.links == 1 ? " link x " : " links x ") + plain(1e-9 * rate) + " GB/s",
              slower ? "the driver's word: a link below the rate of its generation" : std::string(generation.source)};
}

}  // namespace peakproof::theory
