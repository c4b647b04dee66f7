// What the program asks of the driver itself, by way of the runtime.
#include "tests/stand_in/driver.hpp"

#include <cuda_runtime_api.h>

#include <cstdio>
#include <cstring>
#include <string_view>

#include "tests/stand_in/settings.hpp"
#include "tests/stand_in/state.hpp"

namespace peakproof::stand_in {
namespace {

constexpr std::uint64_t kMark = 0x7065616b6d617021;

/// Bytes of an element; 0 of packed ones, which are not played.
unsigned bytes_of(CUtensorMapDataType type) {
  switch (type) {
    case CU_TENSOR_MAP_DATA_TYPE_UINT8:
      return 1;
    case CU_TENSOR_MAP_DATA_TYPE_UINT16:
    case CU_TENSOR_MAP_DATA_TYPE_FLOAT16:
    case CU_TENSOR_MAP_DATA_TYPE_BFLOAT16:
      return 2;
    case CU_TENSOR_MAP_DATA_TYPE_UINT32:
    case CU_TENSOR_MAP_DATA_TYPE_INT32:
    case CU_TENSOR_MAP_DATA_TYPE_FLOAT32:
    case CU_TENSOR_MAP_DATA_TYPE_FLOAT32_FTZ:
    case CU_TENSOR_MAP_DATA_TYPE_TFLOAT32:
    case CU_TENSOR_MAP_DATA_TYPE_TFLOAT32_FTZ:
      return 4;
    case CU_TENSOR_MAP_DATA_TYPE_UINT64:
    case CU_TENSOR_MAP_DATA_TYPE_INT64:
    case CU_TENSOR_MAP_DATA_TYPE_FLOAT64:
      return 8;
    default:
      return 0;
  }
}

/// The widest inner side of a box, in bytes; 0: any.
unsigned widest_box(CUtensorMapSwizzle swizzle) {
  switch (swizzle) {
    case CU_TENSOR_MAP_SWIZZLE_NONE:
      return 0;
    case CU_TENSOR_MAP_SWIZZLE_32B:
      return 32;
    case CU_TENSOR_MAP_SWIZZLE_64B:
      return 64;
    default:
      return 128;
  }
}

/// What is wrong, or null. The rules are those of the driver API's description of cuTensorMapEncodeTiled.
const char* refusal(const CUtensorMap* map, const TensorMap& wanted, unsigned bytes, const cuuint32_t* steps,
                    CUtensorMapInterleave interleave, CUtensorMapL2promotion promotion, CUtensorMapFloatOOBfill fill) {
  constexpr std::uint64_t most_elements = std::uint64_t{1} << 32U;
  constexpr std::uint64_t longest_stride = std::uint64_t{1} << 40U;
  constexpr unsigned longest_box = 256;
  constexpr unsigned longest_step = 8;
  const auto aligned = [](const void* address, unsigned to) {
    return reinterpret_cast<std::uintptr_t>(address) % to == 0;
  };
  const std::uint64_t box_bytes = std::uint64_t{wanted.box_columns} * bytes;
  if (settings().cc_major < 9) return "tensor maps need compute capability 9.0";
  if (!aligned(map, 64)) return "the map is not aligned to 64 bytes";
  if (bytes == 0) return "this element type is not played";
  if (interleave != CU_TENSOR_MAP_INTERLEAVE_NONE) return "interleaved layouts are not played";
  if (wanted.address == nullptr || !aligned(wanted.address, 16)) return "the address is not a multiple of 16";
  if (wanted.columns == 0 || wanted.columns > most_elements || wanted.rows == 0 || wanted.rows > most_elements)
    return "an extent is 0 or above 2^32";
  if (wanted.row_bytes % 16 != 0 || wanted.row_bytes >= longest_stride) return "the stride is no multiple of 16";
  if (wanted.row_bytes < wanted.columns * bytes) return "rows overlap";
  if (wanted.box_columns == 0 || wanted.box_columns > longest_box || wanted.box_rows == 0 ||
      wanted.box_rows > longest_box)
    return "a side of the box is 0 or above 256";
  if (box_bytes % 16 != 0) return "the box's inner side is no multiple of 16 bytes";
  if (widest_box(wanted.swizzle) != 0 && box_bytes > widest_box(wanted.swizzle))
    return "the box is wider than its swizzle";
  if (steps[1] == 0 || steps[1] > longest_step) return "a step is 0 or above 8";
  if (steps[1] != 1) return "steps are not played";
  if (promotion < CU_TENSOR_MAP_L2_PROMOTION_NONE || promotion > CU_TENSOR_MAP_L2_PROMOTION_L2_256B)
    return "no such L2 promotion";
  if (fill != CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE) return "NaN beyond the edge is not played";
  return nullptr;
}

CUresult encode_tiled(CUtensorMap* map, CUtensorMapDataType type, cuuint32_t rank, void* address,
                      const cuuint64_t* extents, const cuuint64_t* strides, const cuuint32_t* box,
                      const cuuint32_t* steps, CUtensorMapInterleave interleave, CUtensorMapSwizzle swizzle,
                      CUtensorMapL2promotion promotion, CUtensorMapFloatOOBfill fill) {
  constexpr cuuint32_t played_rank = 2;
  if (const cudaError_t sick = health(); sick != cudaSuccess) return static_cast<CUresult>(sick);
  if (map == nullptr || rank != played_rank || extents == nullptr || strides == nullptr || box == nullptr ||
      steps == nullptr)
    return CUDA_ERROR_INVALID_VALUE;
  const TensorMap wanted{.mark = kMark,
                         .address = address,
                         .columns = extents[0],
                         .rows = extents[1],
                         .row_bytes = strides[0],
                         .box_columns = box[0],
                         .box_rows = box[1],
                         .type = type,
                         .swizzle = swizzle};
  if (const char* why = refusal(map, wanted, bytes_of(type), steps, interleave, promotion, fill); why != nullptr) {
    std::fprintf(stderr, "stand-in: cuTensorMapEncodeTiled: %s\n", why);
    return CUDA_ERROR_INVALID_VALUE;
  }
  *map = {};
  std::memcpy(map, &wanted, sizeof wanted);
  return CUDA_SUCCESS;
}

cudaError_t find(const char* symbol, void** function, cudaDriverEntryPointQueryResult* outcome) {
  if (symbol == nullptr || function == nullptr) return cudaErrorInvalidValue;
  if (const cudaError_t sick = health(); sick != cudaSuccess) return sick;
  const bool known = std::string_view(symbol) == "cuTensorMapEncodeTiled";
  *function = known ? reinterpret_cast<void*>(&encode_tiled) : nullptr;
  if (outcome != nullptr) *outcome = known ? cudaDriverEntryPointSuccess : cudaDriverEntryPointSymbolNotFound;
  return cudaSuccess;
}

}  // namespace

TensorMap contents(const CUtensorMap& map) {
  TensorMap found;
  std::memcpy(static_cast<void*>(&found), &map, sizeof found);
  return found;
}
bool is_tensor_map(const TensorMap& map) { return map.mark == kMark; }

}  // namespace peakproof::stand_in

// NOLINTBEGIN(readability-identifier-naming): the names are CUDA's
namespace self = peakproof::stand_in;
extern "C" {

cudaError_t cudaGetDriverEntryPointByVersion(const char* symbol, void** function, unsigned version,
                                             unsigned long long /*flags*/, cudaDriverEntryPointQueryResult* outcome) {
  constexpr unsigned since = 12000;
  if (version >= since) return self::remember(self::find(symbol, function, outcome));
  if (outcome != nullptr) *outcome = cudaDriverEntryPointVersionNotSufficent;
  return cudaSuccess;
}
cudaError_t cudaGetDriverEntryPoint(const char* symbol, void** function, unsigned long long /*flags*/,
                                    cudaDriverEntryPointQueryResult* outcome) {
  return self::remember(self::find(symbol, function, outcome));
}
}
// NOLINTEND(readability-identifier-naming)
