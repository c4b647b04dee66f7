// C = A x B in every type of WMMA, A and C row-major, B column-major, all dense, through mma.sync. C has the format of
// the sums.
#include "tests/stand_in/architecture.hpp"
#include "tests/stand_in/launch.hpp"
#include "tests/stand_in/memory.hpp"
#include "tests/stand_in/models/gemm.hpp"
#include "tests/stand_in/tensor_rates.hpp"

namespace peakproof::stand_in {
namespace {

using kernels::Element;

struct Type {
  const char* kernel;
  Element operand;
  Element sum;
  TensorType rate;
  int least = 80;  ///< architecture of the code that has it
};

Extents extents_of(const Launch& launch) {
  return {launch.argument<int>(3), launch.argument<int>(4), launch.argument<int>(5)};
}

Cost cost(const Launch& launch, const Type& type) {
  const Extents e = extents_of(launch);
  const double fmas_per_block =
      static_cast<double>(e.m * e.n) * static_cast<double>(e.k) / static_cast<double>(launch.blocks());
  const double rate = mma_rate(type.rate);
  return {.sm_cycles = rate > 0 ? fmas_per_block * static_cast<double>(launch.blocks_of_busiest_sm()) / rate : 0};
}

cudaError_t answer(const Launch& launch, const Type& type) {
  if (architecture().code < type.least || mma_rate(type.rate) == 0) return cudaErrorLaunchFailure;
  const Extents e = extents_of(launch);
  const void* a = matrix_at(launch.argument<const void*>(0), type.operand, e.m * e.k);
  const void* b = matrix_at(launch.argument<const void*>(1), type.operand, e.k * e.n);
  void* c = matrix_at(launch.argument<void*>(2), type.sum, e.m * e.n);
  if (a == nullptr || b == nullptr || c == nullptr) return cudaErrorIllegalAddress;

  static Repetition repetition;
  const std::vector<std::uint64_t> parameters = {static_cast<std::uint64_t>(type.operand),
                                                 static_cast<std::uint64_t>(type.sum), static_cast<std::uint64_t>(e.m),
                                                 static_cast<std::uint64_t>(e.n), static_cast<std::uint64_t>(e.k)};
  repetition.unless_done(parameters, {a, b}, c, [&] {
    store(product_in(type.sum, e, {type.operand, a, e.k, 1}, {type.operand, b, 1, e.k}, launch.flaw), type.sum, c);
  });
  return cudaSuccess;
}

KernelModel model(const Type& type) {
  return {.name = type.kernel,
          .role = Role::measured,
          .cost = [type](const Launch& launch) { return cost(launch, type); },
          .answer = [type](const Launch& launch) { return answer(launch, type); }};
}

const Model kFp16(model({"wmma_gemm_fp16", Element::f16, Element::f32, TensorType::fp16, 75}));
const Model kFp16Acc16(model({"wmma_gemm_fp16_acc16", Element::f16, Element::f16, TensorType::fp16_acc16, 75}));
const Model kBf16(model({"wmma_gemm_bf16", Element::bf16, Element::f32, TensorType::bf16}));
const Model kTf32(model({"wmma_gemm_tf32", Element::tf32, Element::f32, TensorType::tf32}));
const Model kFp64(model({"wmma_gemm_fp64", Element::f64, Element::f64, TensorType::fp64}));
const Model kInt8(model({"wmma_gemm_int8", Element::s8, Element::s32, TensorType::int8, 75}));
const Model kInt4(model({"wmma_gemm_int4", Element::s4, Element::s32, TensorType::int4, 75}));
const Model kB1(model({"wmma_gemm_b1", Element::b1, Element::s32, TensorType::b1}));

}  // namespace
}  // namespace peakproof::stand_in
