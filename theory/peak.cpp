#include "theory/peak.hpp"

#include <cmath>
#include <string_view>

#include "theory/cpu.hpp"
#include "theory/link.hpp"
#include "theory/sources.hpp"
#include "theory/throughput.hpp"
#include "theory/units.hpp"

namespace peakproof::theory {
namespace {

bool positive(double value) { return std::isfinite(value) && value > 0; }

/// "FLOP/s" -> "FLOP".
std::string_view operation(Pipe pipe) {
  const auto text = unit(pipe);
  return text.substr(0, text.find('/'));
}

std::string with_note(std::string_view source, std::string_view note) {
  std::string text(source);
  if (!note.empty()) text.append(" (").append(note).append(")");
  return text;
}

std::optional<Peak> device_memory_peak(const DeviceSpec& device) {
  if (device.memory_bus_bits <= 0) return std::nullopt;
  const double bus_bits = device.memory_bus_bits;
  const std::string bus = " x " + std::to_string(device.memory_bus_bits) + " bit / 8";
  if (positive(device.memory_data_rate_bps)) {
    return Peak{Pipe::dram, device.memory_data_rate_bps * bus_bits / 8, 0,
                plain(device.memory_data_rate_bps * 1e-9) + " Gb/s per pin" + bus, std::string(sources::kDataRate)};
  }
  // Only HBM is known to move two bits per pin and reported clock; GDDR and LPDDR clocks are reported in several ways.
  if (positive(device.memory_clock_hz) && device.memory_type.starts_with("HBM")) {
    return Peak{Pipe::dram, 2 * device.memory_clock_hz * bus_bits / 8, 0,
                "2 x " + plain(device.memory_clock_hz * 1e-6, 7) + " MHz" + bus, std::string(sources::kHbmDoubleRate)};
  }
  return std::nullopt;
}

/// All of a board's NVLinks, one way.
std::optional<Peak> board_nvlink_peak(const DeviceSpec& device) {
  if (!positive(device.nvlink_bytes_per_second)) return std::nullopt;
  return Peak{Pipe::nvlink, device.nvlink_bytes_per_second / 2, 0,
              plain(device.nvlink_bytes_per_second * 1e-9) + " GB/s of both directions / 2",
              std::string(sources::kBoardSheet)};
}

std::optional<Peak> l2_peak(const DeviceSpec& device, double clock_hz) {
  const auto* row = find_l2_throughput(device.compute_capability, device.l2_bytes);
  if (row == nullptr || !positive(clock_hz)) return std::nullopt;
  return Peak{Pipe::l2, row->bytes_per_clk * clock_hz, clock_hz,
              plain(row->bytes_per_clk) + " B/clk (whole GPU) x " + gigahertz(clock_hz), std::string(row->source)};
}

std::optional<Peak> cpu_cache_peak(const DeviceSpec& device, Pipe pipe, int bytes, std::string_view source,
                                   double clock_hz) {
  if (bytes <= 0 || device.sm_count <= 0 || !positive(clock_hz)) return std::nullopt;
  return Peak{pipe, static_cast<double>(device.sm_count) * bytes * clock_hz, clock_hz,
              std::to_string(device.sm_count) + (device.sm_count == 1 ? " core x " : " cores x ") +
                  std::to_string(bytes) + " B/clk/core x " + gigahertz(clock_hz),
              std::string(source)};
}

std::optional<Peak> cpu_peak(const DeviceSpec& device, Pipe pipe, double clock_hz) {
  const auto* cpu = find_cpu(device.microarchitecture);
  if (cpu != nullptr && pipe == Pipe::l1) return cpu_l1_peak(device, cpu->widest_bits(), clock_hz);
  if (cpu != nullptr && pipe == Pipe::l2)
    return cpu_cache_peak(device, pipe, cpu->caches.l2_bytes, cpu->caches.l2_source, clock_hz);
  if (cpu == nullptr || (pipe != Pipe::fp32_fma && pipe != Pipe::fp64_fma)) return std::nullopt;
  // A vector register holds half as many FP64 as FP32 lanes, and the FMA units take either.
  const int lanes = pipe == Pipe::fp32_fma ? cpu->fp32_fma_lanes() : cpu->fp32_fma_lanes() / 2;
  const int operations = operations_per_result(pipe);
  std::string formula = std::to_string(device.sm_count) + (device.sm_count == 1 ? " core x " : " cores x ") +
                        std::to_string(lanes) + " FMA/clk/core x " + std::to_string(operations) + " FLOP x " +
                        gigahertz(clock_hz);
  return Peak{pipe, static_cast<double>(device.sm_count) * lanes * operations * clock_hz, clock_hz, std::move(formula),
              with_note(cpu->source, cpu->note)};
}

std::optional<Peak> gpu_peak(const DeviceSpec& device, Pipe pipe, double clock_hz) {
  const auto* row = find_throughput(device.compute_capability, device.variant, pipe);
  if (row == nullptr) return std::nullopt;
  Peak peak{pipe, device.sm_count * row->results_per_clk_per_sm * clock_hz, clock_hz, {}, {}};
  peak.formula = std::to_string(device.sm_count) + (device.sm_count == 1 ? " SM x " : " SMs x ") +
                 plain(row->results_per_clk_per_sm);
  if (const int operations = operations_per_result(pipe); operations > 0) {
    peak.per_second *= operations;
    peak.formula += " results/clk/SM x " + std::to_string(operations) + ' ';
    peak.formula += operation(pipe);
  } else {  // memories: the row is in bytes
    peak.formula += " B/clk/SM";
  }
  peak.formula += " x " + gigahertz(clock_hz);
  peak.source = with_note(row->source, row->note);
  if (!row->sparsity_source.empty()) peak.source.append("; ").append(row->sparsity_source);
  return peak;
}

}  // namespace

double rated_clock_hz(const DeviceSpec& device, Pipe pipe) {
  switch (clock_domain(pipe)) {
    case ClockDomain::vector:
      return device.sm_clock_hz;
    case ClockDomain::tensor:
      return device.tensor_clock_hz > 0 ? device.tensor_clock_hz : device.sm_clock_hz;
    case ClockDomain::none:
      break;
  }
  return 0;
}

std::optional<Peak> peak(const DeviceSpec& device, Pipe pipe, double clock_hz) {
  if (pipe == Pipe::dram) return device_memory_peak(device);
  if (pipe == Pipe::pcie) return pcie_peak({device.pcie_generation, device.pcie_lanes});
  if (pipe == Pipe::nvlink) return board_nvlink_peak(device);
  if (pipe == Pipe::l2 && device.kind == DeviceKind::gpu) return l2_peak(device, clock_hz);
  if (device.sm_count <= 0 || !positive(clock_hz)) return std::nullopt;
  return device.kind == DeviceKind::cpu ? cpu_peak(device, pipe, clock_hz) : gpu_peak(device, pipe, clock_hz);
}

std::optional<Peak> cpu_l1_peak(const DeviceSpec& device, int simd_bits, double clock_hz) {
  const auto* cpu = find_cpu(device.microarchitecture);
  if (cpu == nullptr) return std::nullopt;
  return cpu_cache_peak(device, Pipe::l1, cpu->l1_bytes(simd_bits), cpu->caches.l1_source, clock_hz);
}

std::optional<Peak> rated_peak(const DeviceSpec& device, Pipe pipe) {
  return peak(device, pipe, rated_clock_hz(device, pipe));
}

std::vector<Peak> rated_peaks(const DeviceSpec& device) {
  std::vector<Peak> peaks;
  for (const Pipe pipe : all_pipes())
    if (auto found = rated_peak(device, pipe)) peaks.push_back(std::move(*found));
  return peaks;
}

}  // namespace peakproof::theory
