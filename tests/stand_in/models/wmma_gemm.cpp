// C (FP32) = A (FP16) * B (FP16), all row-major and dense, through mma.sync.
#include <algorithm>

#include "tests/stand_in/architecture.hpp"
#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"
#include "tests/stand_in/models/gemm.hpp"

namespace peakproof::stand_in {
namespace {

Extents extents_of(const Launch& launch) {
  return {launch.argument<int>(3), launch.argument<int>(4), launch.argument<int>(5)};
}

Cost cost(const Launch& launch) {
  const Extents e = extents_of(launch);
  const double fmas_per_block =
      static_cast<double>(e.m * e.n) * static_cast<double>(e.k) / static_cast<double>(launch.blocks());
  return {.sm_cycles = fmas_per_block * static_cast<double>(launch.blocks_of_busiest_sm()) / architecture().mma_fp16};
}

cudaError_t answer(const Launch& launch) {
  const Extents e = extents_of(launch);
  const auto* a = elements(launch.argument<const std::uint16_t*>(0), e.m * e.k);
  const auto* b = elements(launch.argument<const std::uint16_t*>(1), e.k * e.n);
  auto* c = elements(launch.argument<float*>(2), e.m * e.n);
  if (!a || !b || !c) return cudaErrorIllegalAddress;

  static Repetition repetition;
  const std::vector<std::uint64_t> parameters = {static_cast<std::uint64_t>(e.m), static_cast<std::uint64_t>(e.n),
                                                 static_cast<std::uint64_t>(e.k)};
  repetition.unless_done(parameters, {a, b}, c, [&] {
    const auto values = product<float>(e, {a, e.k, 1}, {b, e.n, 1}, launch.flaw);
    std::copy(values.begin(), values.end(), c);
  });
  return cudaSuccess;
}

const Model kModel({.name = "wmma_gemm", .role = Role::measured, .cost = cost, .answer = answer});

}  // namespace
}  // namespace peakproof::stand_in
