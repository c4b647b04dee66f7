// What the benchmarks of device memory share: how large a buffer is, what --size may be, and what is known to be reachable.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bench/harness/cuda_device.hpp"
#include "bench/harness/registry.hpp"

namespace peakproof::bench {

/// The buffers of one case, all of one size.
struct DramBuffers {
  int count = 1;
  std::int64_t bytes = 0;             ///< of each
  std::optional<std::string> misuse;  ///< why --size does not suit them, for Case::misuse

  [[nodiscard]] std::int64_t total() const { return count * bytes; }
};
/// `count` buffers of --size, else of 8 GiB and 64 x L2 each or what fits into the free memory. Their size is a multiple of
/// `multiple`, and together they hold at least 64 x L2: where there is no room for that, they are as large all the same, and
/// require_room tells when the case is measured.
[[nodiscard]] DramBuffers dram_buffers(const Registry& registry, const CudaDevice& device, int count,
                                       std::int64_t multiple);
/// Throws MeasurementError where they do not fit into the memory that is free now, saying what is missing.
void require_room(const DramBuffers& buffers, const CudaDevice& device);
/// Bytes that the buffers of a case may have together: most of what is free.
[[nodiscard]] std::int64_t dram_room(const CudaDevice& device);
/// Whether a working set is so large that the L2 cannot help with it.
[[nodiscard]] bool exceeds_caches(const theory::DeviceSpec& device, std::int64_t working_set_bytes);
/// "working set 8.59 GB, 143 x L2", for Case::remark.
[[nodiscard]] std::string working_set_remark(const theory::DeviceSpec& device, std::int64_t working_set_bytes);

/// The lowest E_issue of a pattern ("read", "copy", …) on HBM, from published figures; nothing for other memories and for
/// patterns of which none was found.
[[nodiscard]] std::optional<reports::Floor> dram_floor(const theory::DeviceSpec& device, const std::string& pattern);

}  // namespace peakproof::bench
