// What one SM holds, by compute capability: the units behind the rates, and the limits of occupancy.
#pragma once

#include <span>
#include <string_view>

#include "theory/device_spec.hpp"

namespace peakproof::theory {

/// Per SM; 0 means unknown. Sizes in KiB.
struct SmResources {
  ComputeCapability compute_capability;
  int fp32_cores = 0;
  int fp64_cores = 0;
  int int32_cores = 0;
  int tensor_cores = 0;
  int special_function_units = 0;
  int warp_schedulers = 0;
  int max_warps = 0;
  int max_threads = 0;
  int max_blocks = 0;
  int registers = 0;
  int max_registers_per_thread = 0;
  int unified_l1_kib = 0;  ///< L1 and shared memory together
  int shared_kib = 0;
  int shared_per_block_kib = 0;  ///< with the opt-in
  std::string_view source;
  std::string_view note;
};

/// All rows, sorted by compute capability.
[[nodiscard]] std::span<const SmResources> sm_resources();
/// The row of exactly this compute capability, or null.
[[nodiscard]] const SmResources* find_sm_resources(ComputeCapability cc);
/// Tensor cores per SM of a device: those of its compute capability, and none where its variant has none (GTX 16).
[[nodiscard]] int tensor_cores_per_sm(const SmResources& resources, Variant variant);

}  // namespace peakproof::theory
