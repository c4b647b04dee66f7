#include "kernels/tensor/tensor_map.hpp"

#include <optional>
#include <type_traits>

namespace peakproof::kernels {
namespace {

/// Since CUDA 12.0; written out here because cudaTypedefs.h is not in every toolkit's package of headers.
using EncodeTiled = CUresult (*)(CUtensorMap*, CUtensorMapDataType, cuuint32_t rank, void* data,
                                 const cuuint64_t* extents, const cuuint64_t* strides, const cuuint32_t* box,
                                 const cuuint32_t* steps, CUtensorMapInterleave, CUtensorMapSwizzle,
                                 CUtensorMapL2promotion, CUtensorMapFloatOOBfill);
static_assert(std::is_same_v<EncodeTiled, decltype(&cuTensorMapEncodeTiled)>);

struct EntryPoint {
  cudaError_t status = cudaSuccess;
  EncodeTiled function = nullptr;
};

EntryPoint encode_tiled() {
  void* found = nullptr;
  cudaDriverEntryPointQueryResult outcome{};
  constexpr const char* name = "cuTensorMapEncodeTiled";
#if CUDART_VERSION >= 12050
  constexpr unsigned since = 12000;
  const cudaError_t status = cudaGetDriverEntryPointByVersion(name, &found, since, cudaEnableDefault, &outcome);
#else
  const cudaError_t status = cudaGetDriverEntryPoint(name, &found, cudaEnableDefault, &outcome);
#endif
  if (status != cudaSuccess) return {status, nullptr};
  if (outcome != cudaDriverEntryPointSuccess || found == nullptr) return {cudaErrorSymbolNotFound, nullptr};
  return {cudaSuccess, reinterpret_cast<EncodeTiled>(found)};
}

std::optional<CUtensorMapDataType> data_type(Element element) {
  switch (element) {
    case Element::f64:
      return CU_TENSOR_MAP_DATA_TYPE_FLOAT64;
    case Element::f32:
      return CU_TENSOR_MAP_DATA_TYPE_FLOAT32;
    case Element::tf32:
      return CU_TENSOR_MAP_DATA_TYPE_TFLOAT32;
    case Element::f16:
      return CU_TENSOR_MAP_DATA_TYPE_FLOAT16;
    case Element::bf16:
      return CU_TENSOR_MAP_DATA_TYPE_BFLOAT16;
    case Element::s32:
      return CU_TENSOR_MAP_DATA_TYPE_INT32;
    case Element::e4m3:
    case Element::e5m2:
    case Element::s8:
      return CU_TENSOR_MAP_DATA_TYPE_UINT8;  // a byte is a byte
    case Element::s4:
    case Element::b1:
      break;
  }
  return std::nullopt;
}

}  // namespace

cudaError_t make_tensor_map(const MatrixView& matrix, int box_rows, CUtensorMap* map) {
  const auto type = data_type(matrix.element);
  if (!type || matrix.rows < 1 || matrix.columns < 1 || box_rows < 1) return cudaErrorInvalidValue;
  const EntryPoint encode = encode_tiled();
  if (encode.status != cudaSuccess) return encode.status;

  constexpr cuuint32_t rank = 2;
  constexpr int row_bytes = 128;  // as wide as the swizzle
  const auto bytes = static_cast<std::uint64_t>(bits_of(matrix.element)) / 8;
  const cuuint64_t extents[rank] = {static_cast<cuuint64_t>(matrix.columns), static_cast<cuuint64_t>(matrix.rows)};
  const cuuint64_t strides[rank - 1] = {static_cast<cuuint64_t>(matrix.columns) * bytes};
  const cuuint32_t box[rank] = {static_cast<cuuint32_t>(row_bytes / bytes), static_cast<cuuint32_t>(box_rows)};
  const cuuint32_t steps[rank] = {1, 1};
  const CUresult result = encode.function(map, *type, rank, const_cast<void*>(matrix.data), extents, strides, box,
                                          steps, CU_TENSOR_MAP_INTERLEAVE_NONE, CU_TENSOR_MAP_SWIZZLE_128B,
                                          CU_TENSOR_MAP_L2_PROMOTION_L2_256B, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  return static_cast<cudaError_t>(result);  // the runtime's codes are the driver's
}

}  // namespace peakproof::kernels
