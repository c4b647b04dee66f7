// The least time that a network can take on a machine: each layer on the roofline of the machine's ceilings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "theory/device_spec.hpp"
#include "theory/network_cost.hpp"

namespace peakproof::theory {

/// What a machine gives, rated or measured, for one precision.
struct Ceilings {
  double matrix_per_second = 0;   ///< operations of the matrix layers, 2 per MAC
  double vector_per_second = 0;   ///< FP32 operations of all others; 0: they are held against memory alone
  double bytes_per_second = 0;    ///< of the device's memory
  double launch_s = 0;            ///< least time between two layers; 0: not counted
  std::int64_t memory_bytes = 0;  ///< 0: not known
  std::string matrix_source;      ///< where each comes from, for people
  std::string vector_source;
  std::string bytes_source;
};
/// The rated ceilings of a device: the pipe of matrix_pipe(), of FP64 the vector units where its tensor cores have none,
/// and FP32 fused multiply-adds for everything else (FP64 ones at FP64). Nothing where the pipe of this precision or the
/// memory has no rate.
[[nodiscard]] std::optional<Ceilings> rated_ceilings(const DeviceSpec& device, Precision precision);

enum class Bound { compute, memory, launch, none };
[[nodiscard]] std::string_view name(Bound bound);

struct TimeOptions {
  Precision precision = Precision::fp16;
  /// An elementwise layer (BatchNormalization is one, its constants folded) becomes part of the matrix, reduction or
  /// elementwise layer that makes the last of its inputs, if all readers of that input become part of it too, as
  /// runtimes do it: what lies between them never reaches memory. Its other operands are read where they are.
  bool fuse = true;
};

/// Bytes of a tensor in a network of that precision: floating-point numbers, weights and activations alike, are held in
/// it (of int8 and int4 too, where sums never leave the layer that makes them and scales are not counted); integers and
/// truth values keep the size that the file gives them.
[[nodiscard]] double bytes_of(const Tensor& tensor, Precision precision);

struct LayerTime {
  std::size_t layer = 0;           ///< into NetworkCost::layers
  std::vector<std::size_t> fused;  ///< layers that became part of it
  double flops = 0;                ///< with those
  double bytes = 0;                ///< weights, inputs and outputs: see bytes_of()
  double compute_s = 0;            ///< the larger of what its matrix and its other operations take: they can overlap
  double memory_s = 0;
  double seconds = 0;  ///< the larger, and no less than launch_s
  Bound bound = Bound::none;
};

struct NetworkTime {
  std::vector<LayerTime> layers;  ///< without the free ones and those that were fused
  double seconds = 0;             ///< the sum: the latency of one batch
  double compute_bound_s = 0;     ///< the part of it that layers with that bound take
  double memory_bound_s = 0;
  double bytes_needed = 0;           ///< weights and the most activations that live at one time
  std::optional<bool> fits;          ///< nothing: the memory's size is not known
  std::vector<std::string> missing;  ///< operators without a rule, whose time is not in the sum
};
/// Throws std::invalid_argument where a ceiling that is needed is no positive number, and where `cost` is not of this
/// network. The bound is compute from the ridge point on, and launch where neither takes as long.
[[nodiscard]] NetworkTime least_time(const Network& network, const NetworkCost& cost, const Ceilings& ceilings,
                                     const TimeOptions& options);

}  // namespace peakproof::theory
