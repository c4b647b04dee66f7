// A matrix product on a GPU: everything that its benchmark needs but the kernel.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "bench/harness/cuda_device.hpp"
#include "bench/harness/registry.hpp"
#include "kernels/tensor/gemm.hpp"

namespace peakproof::bench {

/// The matrices of one launch, in device memory. Launches take several sets in turn, which together are larger than
/// twice the L2, so that no launch finds its operands there.
struct GemmOperands {
  const void* a;
  const void* b;
  void* c;
};

/// Another way to compute the same from the same operands, which the case is held against.
struct GemmReference {
  std::string name;
  /// As those of the case; what throws MeasurementError ends the comparison, not the case.
  std::function<void(const kernels::GemmShape&, std::span<const GemmOperands>)> prepare;
  std::function<void()> release;
  std::function<void(const kernels::GemmShape&, const GemmOperands&, std::size_t set, cudaStream_t)> launch;
  std::function<std::string()> found = {};  ///< what prepare found out, for the note; may be empty
};

/// What a benchmark says of a product.
struct GemmCase {
  std::string name;
  reports::Texts params;  ///< "type"; m, n, k and data are added
  kernels::GemmTypes types;
  std::optional<theory::Pipe> pipe;  ///< nothing: measured and reported, without theory
  std::optional<reports::Floor> floor;
  kernels::GemmTile tile;  ///< what m, n and k must be multiples of; of m and n also what an SM computes at a time
  std::optional<kernels::GemmTile> wave = {};  ///< what an SM computes at a time, where that is more than the tile
  std::string kernel;                          ///< symbol of the audited kernel; empty: no machine code of ours
  std::string remark;
  std::optional<std::string> skip;  ///< why the device cannot do this at all; nothing else is used then
  /// Once the operands are there: plans, descriptors, all that depends on their addresses. May be empty, as may
  /// release.
  std::function<void(const kernels::GemmShape&, std::span<const GemmOperands>)> prepare;
  std::function<void()> release;
  /// `set`: the place of the operands among those that prepare got.
  std::function<void(const kernels::GemmShape&, const GemmOperands&, std::size_t set, cudaStream_t)> launch;
  std::function<std::string()> found = {};  ///< as that of a reference
  std::optional<GemmReference> reference;
};

/// Declares the product of the shape that the options name, with the default (gemm_shape.hpp) for what they leave open,
/// or, with --sweep, of a grid of shapes. Takes no memory.
void add_cuda_gemm(Registry& registry, CudaDevice& device, const GemmCase& what);

/// Largest relative error ||out - ref|| / ||ref|| that is accepted of a right product with these types.
[[nodiscard]] double gemm_tolerance(const kernels::GemmTypes& types, std::int64_t k);

}  // namespace peakproof::bench
