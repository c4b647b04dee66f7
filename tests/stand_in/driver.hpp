// Tensor maps, as the played driver makes them.
#pragma once

#include <cuda.h>

#include <cstdint>

namespace peakproof::stand_in {

/// What a tensor map was made of, kept in its 128 opaque bytes. Of matrices: more dimensions are refused.
struct TensorMap {
  std::uint64_t mark = 0;  ///< tells a map from other bytes
  void* address = nullptr;
  std::uint64_t columns = 0;  ///< of elements, which run fastest
  std::uint64_t rows = 0;
  std::uint64_t row_bytes = 0;  ///< from one to the next
  std::uint32_t box_columns = 0;
  std::uint32_t box_rows = 0;
  CUtensorMapDataType type{};
  CUtensorMapSwizzle swizzle{};
};
static_assert(sizeof(TensorMap) <= sizeof(CUtensorMap));

/// The contents of a map that a kernel got as its argument; one without a mark where the driver did not make it.
[[nodiscard]] TensorMap contents(const CUtensorMap& map);
[[nodiscard]] bool is_tensor_map(const TensorMap& map);

}  // namespace peakproof::stand_in
