// C (BF16) = A x B of BF16, E4M3 or E5M2, A and C row-major, B column-major, through wgmma: the matrices are those of
// the tensor maps that the kernel gets.
#include <algorithm>
#include <cstdio>
#include <vector>

#include "kernels/tensor/tile_order.hpp"
#include "tests/stand_in/architecture.hpp"
#include "tests/stand_in/driver.hpp"
#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"
#include "tests/stand_in/models/gemm.hpp"
#include "tests/stand_in/models/numbers.hpp"
#include "tests/stand_in/tensor_rates.hpp"

namespace peakproof::stand_in {
namespace {

using kernels::Element;

// The data sheet's tile of a cluster of two CTAs.
constexpr std::int64_t kTile = 256;
constexpr int kCluster = 2;
constexpr std::int64_t kCtaRows = 128;
constexpr unsigned kThreads = 384;

struct Call {
  TensorMap a;
  TensorMap b;
  TensorMap c;
  kernels::BandedOrder tiles;
  std::int64_t slabs = 0;

  [[nodiscard]] Extents extents() const {
    return {static_cast<std::int64_t>(c.rows), static_cast<std::int64_t>(c.columns),
            static_cast<std::int64_t>(a.columns)};
  }
};

Call call_of(const Launch& launch) {
  return {.a = contents(launch.argument<CUtensorMap>(0)),
          .b = contents(launch.argument<CUtensorMap>(1)),
          .c = contents(launch.argument<CUtensorMap>(2)),
          .tiles = launch.argument<kernels::BandedOrder>(3),
          .slabs = launch.argument<int>(4)};
}

CUtensorMapDataType type_in_map(Element element) {
  return element == Element::bf16 ? CU_TENSOR_MAP_DATA_TYPE_BFLOAT16 : CU_TENSOR_MAP_DATA_TYPE_UINT8;
}

bool is_box_of(const TensorMap& map, Element element, std::uint32_t rows) {
  const auto columns = static_cast<std::uint32_t>(128 * 8 / width_of(element));
  return is_tensor_map(map) && map.type == type_in_map(element) && map.swizzle == CU_TENSOR_MAP_SWIZZLE_128B &&
         map.box_rows == rows && map.box_columns == columns &&
         map.row_bytes == map.columns * static_cast<std::uint64_t>(width_of(element)) / 8;
}

/// What would make the kernel wait for ever, or compute something else; null where nothing does.
const char* mistake(const Launch& launch, const Call& call, Element operand) {
  const Extents e = call.extents();
  if (launch.block.x != kThreads || launch.blocks() % kCluster != 0) return "three warpgroups, and whole clusters";
  if (!is_box_of(call.a, operand, 128) || !is_box_of(call.b, operand, 128))
    return "boxes of 128 x 128 bytes of A and B";
  if (!is_box_of(call.c, Element::bf16, 16)) return "boxes of 16 x 128 bytes of C";
  if (call.a.rows != call.c.rows || call.b.rows != call.c.columns || call.a.columns != call.b.columns)
    return "extents that agree";
  if (call.tiles.rows * kTile != e.m || call.tiles.columns * kTile != e.n || call.tiles.band < 1)
    return "tiles that cover C";
  if (call.slabs * 128 * 8 / width_of(operand) != e.k) return "slabs that cover k";
  return nullptr;
}

/// Cluster by cluster, tile after tile: the time of the one that has the most of them.
Cost cost(const Launch& launch, TensorType type) {
  const Call call = call_of(launch);
  const std::int64_t clusters = std::max<std::int64_t>(launch.blocks() / kCluster, 1);
  const std::int64_t turns = (std::int64_t{call.tiles.rows} * call.tiles.columns + clusters - 1) / clusters;
  const double fmas = static_cast<double>(kCtaRows * kTile) * static_cast<double>(call.extents().k);
  return {.sm_cycles = fmas * static_cast<double>(turns * launch.blocks_of_busiest_sm()) / tensor_rate(type)};
}

cudaError_t answer(const Launch& launch, Element operand) {
  constexpr int with_wgmma = 90;
  if (architecture().code != with_wgmma) return cudaErrorLaunchFailure;
  const Call call = call_of(launch);
  if (const char* needed = mistake(launch, call, operand); needed != nullptr) {
    std::fprintf(stderr, "stand-in: wgmma_gemm needs %s\n", needed);
    return cudaErrorLaunchFailure;
  }
  const Extents e = call.extents();
  const void* a = matrix_at(call.a.address, operand, e.m * e.k);
  const void* b = matrix_at(call.b.address, operand, e.n * e.k);
  void* c = matrix_at(call.c.address, Element::bf16, e.m * e.n);
  if (a == nullptr || b == nullptr || c == nullptr) return cudaErrorIllegalAddress;

  static Repetition repetition;
  const std::vector<std::uint64_t> parameters = {static_cast<std::uint64_t>(operand), static_cast<std::uint64_t>(e.m),
                                                 static_cast<std::uint64_t>(e.n), static_cast<std::uint64_t>(e.k)};
  repetition.unless_done(parameters, {a, b}, c, [&] {
    store(product_in(Element::f32, e, {operand, a, e.k, 1}, {operand, b, 1, e.k}, launch.flaw), Element::bf16, c);
  });
  return cudaSuccess;
}

KernelModel model(const char* name, Element operand, TensorType type) {
  return {.name = name,
          .role = Role::measured,
          .cost = [type](const Launch& launch) { return cost(launch, type); },
          .answer = [operand](const Launch& launch) { return answer(launch, operand); }};
}

const Model kBf16(model("wgmma_gemm_bf16", Element::bf16, TensorType::bf16));
const Model kE4m3(model("wgmma_gemm_e4m3", Element::e4m3, TensorType::fp8));
const Model kE5m2(model("wgmma_gemm_e5m2", Element::e5m2, TensorType::fp8));

}  // namespace
}  // namespace peakproof::stand_in
