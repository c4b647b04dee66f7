// THE TABLE: how many results a pipe delivers per clock and SM. One number, one row, one source; an absent row means
// that the rate is not known, and then there is no peak. A new architecture is nothing but its rows
// (throughput_rows.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "theory/device_spec.hpp"
#include "theory/pipe.hpp"

namespace peakproof::theory {

/// high: documented, or measured by several; medium: derived from a published peak, or one measurement; low: derived
/// from a rate of the same chip, not confirmed.
enum class Confidence { high, medium, low };

/// One row. For arithmetic pipes the rate is in results per clock and SM (an FMA is one result; each half of a packed
/// pair is one result), for L1 and shared memory in bytes per clock and SM.
struct Throughput {
  ComputeCapability compute_capability;
  Pipe pipe{};
  Variant variant = Variant::any;
  double results_per_clk_per_sm = 0;
  std::string_view source;
  std::string_view note;  ///< what a reader must know; both values and their sources where the rate is disputed
  Confidence confidence = Confidence::high;
  bool disputed = false;             ///< public sources differ; the note names both and says which one is carried
  std::string_view sparsity_source;  ///< of the factor, on the rows made from a dense row and a sparsity factor
};

/// All rows, sorted by compute capability, pipe, variant. The `_sparse` rows are the dense rows times the sparsity
/// factor of the architecture.
[[nodiscard]] std::span<const Throughput> throughputs();

/// The row of exactly this compute capability and variant, else the one for any variant of it, else nothing. Never a
/// row of another compute capability.
[[nodiscard]] const Throughput* find_throughput(ComputeCapability cc, Variant variant, Pipe pipe);

/// The L2 read bandwidth that NVIDIA documents, of the whole GPU. It depends on the number of L2 slices, so a row
/// holds for the L2 size it is documented for and for no other.
struct L2Throughput {
  ComputeCapability compute_capability;
  std::int64_t l2_bytes = 0;
  double bytes_per_clk = 0;
  std::string_view source;
};
[[nodiscard]] std::span<const L2Throughput> l2_throughputs();
[[nodiscard]] const L2Throughput* find_l2_throughput(ComputeCapability cc, std::int64_t l2_bytes);

/// The pipe that mma.sync and WMMA reach on this device: the `mma_…` pipe where the table has a row for it, because
/// the ceiling is lower than the tensor core's own rate there, else `tensor` itself.
[[nodiscard]] Pipe mma_pipe(const DeviceSpec& device, Pipe tensor);
/// The same, but nothing where mma.sync surely stays below `tensor` and no row says by how much: where the tensor cores
/// have a faster instruction for the type, wgmma on 9.0 and tcgen05 on 10.x and 11.0.
[[nodiscard]] std::optional<Pipe> mma_ceiling(const DeviceSpec& device, Pipe tensor);

}  // namespace peakproof::theory
