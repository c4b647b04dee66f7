#include "theory/network_time.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "theory/layer_fusion.hpp"
#include "theory/layer_view.hpp"
#include "theory/peak.hpp"
#include "theory/tensor_flow.hpp"

namespace peakproof::theory {
namespace {

std::string source_of(const Peak& peak) {
  return std::string(name(peak.pipe)) + ": " + peak.formula + " (" + peak.source + ")";
}

/// No FP64 tensor cores before 8.0, on 10.3 and on 11.0 (CUDA programming guide 13, table of tensor core input types), so
/// that a library has the vector units alone. Elsewhere a rate that is not known, as on 8.6, stays unknown.
bool lacks_fp64_tensor(const DeviceSpec& device) {
  const auto& cc = device.compute_capability;
  return device.kind == DeviceKind::gpu &&
         (cc.major < 8 || cc == ComputeCapability{10, 3} || cc == ComputeCapability{11, 0});
}

std::optional<Peak> matrix_peak(const DeviceSpec& device, Precision precision) {
  const auto pipe = matrix_pipe(precision, device.kind);
  if (!pipe) return std::nullopt;
  if (auto found = rated_peak(device, *pipe)) return found;
  return precision == Precision::fp64 && lacks_fp64_tensor(device) ? rated_peak(device, Pipe::fp64_fma) : std::nullopt;
}

/// Bytes of one number.
double width_of(const Tensor& tensor, Precision precision) {
  struct Width {
    std::string_view type;
    double bytes;
  };
  constexpr std::array kWhole = {Width{"int64", 8},  Width{"uint64", 8},  Width{"int32", 4}, Width{"uint32", 4},
                                 Width{"int16", 2},  Width{"uint16", 2},  Width{"int8", 1},  Width{"uint8", 1},
                                 Width{"int4", 0.5}, Width{"uint4", 0.5}, Width{"bool", 1}};
  const auto* const whole =
      std::find_if(kWhole.begin(), kWhole.end(), [&](const Width& row) { return row.type == tensor.type; });
  return whole != kWhole.end() ? whole->bytes : bytes_per_number(precision);
}

struct Demand {
  double matrix = 0;  ///< operations
  double others = 0;
  double bytes = 0;
};

bool needed_rate(double needed, double rate, const char* what) {
  if (needed <= 0) return false;
  if (!std::isfinite(rate) || rate <= 0)
    throw std::invalid_argument("the ceilings give no positive number of " + std::string(what) +
                                " per second, which the network needs");
  return true;
}

/// What a layer and those that are fused into it need together: what only they see is never in memory.
Demand demand_of(const Network& network, const NetworkCost& cost, const TensorFlow& flow,
                 const std::vector<std::size_t>& host, const std::vector<std::size_t>& members, Precision precision) {
  Demand demand;
  std::vector<std::size_t> read;
  for (const std::size_t l : members) {
    const Layer& layer = network.layers[l];
    demand.matrix += 2 * cost.layers[l].macs;
    demand.others += cost.layers[l].flops - 2 * cost.layers[l].macs;
    for (const std::size_t home : flow.homes(layer.inputs)) {
      const Tensor& tensor = network.tensors[home];
      const std::size_t maker = flow.maker[home];
      const bool inside = maker != TensorFlow::nobody && host[maker] == host[l];
      const bool told = tensor.constant && !tensor.parameter;
      if (inside || told || std::find(read.begin(), read.end(), home) != read.end()) continue;
      read.push_back(home);
      demand.bytes += numbers_read(network, layer, flow, home) * width_of(tensor, precision);
    }
    for (const std::size_t home : flow.homes(layer.outputs)) {
      const auto& readers = flow.readers[home];
      const bool inside =
          !readers.empty() && !flow.leaves[home] &&
          std::all_of(readers.begin(), readers.end(), [&](std::size_t r) { return host[r] == host[l]; });
      if (!inside) demand.bytes += bytes_of(network.tensors[home], precision);
    }
  }
  return demand;
}

void time_layer(LayerTime& time, const Demand& demand, const Ceilings& ceilings) {
  time.flops = demand.matrix + demand.others;
  time.bytes = demand.bytes;
  if (needed_rate(demand.matrix, ceilings.matrix_per_second, "matrix operations"))
    time.compute_s = demand.matrix / ceilings.matrix_per_second;
  if (ceilings.vector_per_second != 0 && needed_rate(demand.others, ceilings.vector_per_second, "other operations"))
    time.compute_s = std::max(time.compute_s, demand.others / ceilings.vector_per_second);
  if (needed_rate(demand.bytes, ceilings.bytes_per_second, "bytes"))
    time.memory_s = demand.bytes / ceilings.bytes_per_second;
  time.seconds = std::max(time.compute_s, time.memory_s);
  if (time.flops <= 0 && time.bytes <= 0) return;
  time.bound = time.compute_s >= time.memory_s ? Bound::compute : Bound::memory;
  if (time.seconds < ceilings.launch_s) {
    time.seconds = ceilings.launch_s;
    time.bound = Bound::launch;
  }
}

}  // namespace

std::optional<Ceilings> rated_ceilings(const DeviceSpec& device, Precision precision) {
  const auto matrix = matrix_peak(device, precision);
  const auto memory = rated_peak(device, Pipe::dram);
  if (!matrix || !memory) return std::nullopt;
  Ceilings ceilings;
  ceilings.matrix_per_second = matrix->per_second;
  ceilings.matrix_source = source_of(*matrix);
  ceilings.bytes_per_second = memory->per_second;
  ceilings.bytes_source = source_of(*memory);
  if (const auto vector = rated_peak(device, precision == Precision::fp64 ? Pipe::fp64_fma : Pipe::fp32_fma)) {
    ceilings.vector_per_second = vector->per_second;
    ceilings.vector_source = source_of(*vector);
  }
  ceilings.memory_bytes = device.memory_bytes;
  return ceilings;
}

std::string_view name(Bound bound) {
  switch (bound) {
    case Bound::compute:
      return "compute";
    case Bound::memory:
      return "memory";
    case Bound::launch:
      return "launch";
    case Bound::none:
      break;
  }
  return "none";
}

double bytes_of(const Tensor& tensor, Precision precision) { return numbers(tensor) * width_of(tensor, precision); }

NetworkTime least_time(const Network& network, const NetworkCost& cost, const Ceilings& ceilings,
                       const TimeOptions& options) {
  const std::size_t count = network.layers.size();
  if (cost.layers.size() != count) throw std::invalid_argument("the cost is not of this network: it has other layers");
  if (!std::isfinite(ceilings.launch_s) || ceilings.launch_s < 0)
    throw std::invalid_argument("the time between two layers must be a number of seconds, 0 or more");
  const TensorFlow flow = tensor_flow(network);
  std::vector<std::size_t> host(count);
  std::iota(host.begin(), host.end(), std::size_t{0});
  if (options.fuse) host = fuse(network, cost, flow);
  std::vector<std::vector<std::size_t>> members(count);
  for (std::size_t l = 0; l < count; ++l) members[host[l]].push_back(l);

  NetworkTime total;
  for (std::size_t l = 0; l < count; ++l) {
    const LayerKind kind = cost.layers[l].kind;
    if (host[l] != l || kind == LayerKind::free || kind == LayerKind::unknown) continue;
    LayerTime time;
    time.layer = l;
    time.fused.assign(members[l].begin() + 1, members[l].end());
    time_layer(time, demand_of(network, cost, flow, host, members[l], options.precision), ceilings);
    total.seconds += time.seconds;
    if (time.bound == Bound::compute) total.compute_bound_s += time.seconds;
    if (time.bound == Bound::memory) total.memory_bound_s += time.seconds;
    total.layers.push_back(std::move(time));
  }
  total.bytes_needed = storage_bytes(cost.parameters, options.precision) +
                       cost.peak_activation_numbers * bytes_per_number(options.precision);
  if (ceilings.memory_bytes > 0) total.fits = total.bytes_needed <= static_cast<double>(ceilings.memory_bytes);
  for (const auto& [operation, layers] : cost.unknown) total.missing.push_back(operation);
  return total;
}

}  // namespace peakproof::theory
