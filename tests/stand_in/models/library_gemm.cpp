#include "tests/stand_in/models/library_gemm.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "tests/stand_in/architecture.hpp"
#include "tests/stand_in/memory.hpp"
#include "tests/stand_in/models/numbers.hpp"
#include "tests/stand_in/tensor_rates.hpp"

namespace peakproof::stand_in {
namespace {

/// FMA per clock and SM. Tensor cores for FP64 that are faster than the vector units are in 8.0 and 9.0 alone.
double fp64_rate() {
  return std::max(architecture().rate(Instruction::dfma),
                  settings().cc_minor == 0 && settings().cc_major < 10 ? tensor_rate(TensorType::fp64) : 0);
}
double fp32_rate() { return architecture().rate(Instruction::ffma); }
template <TensorType type>
double rate() {
  return tensor_rate(type);
}

/// One line of the table of types in the documentation of cublasLtMatmul().
struct Kind {
  cublasComputeType_t compute;
  cudaDataType_t scale;
  cudaDataType_t operand;
  std::vector<cudaDataType_t> outs;
  double (*rate)();  ///< FMA per clock and SM, of the fastest instruction there is; 0: none
};
const std::vector<Kind>& kinds() {
  static const std::vector<Kind> kKinds = {
      {CUBLAS_COMPUTE_64F, CUDA_R_64F, CUDA_R_64F, {CUDA_R_64F}, fp64_rate},
      {CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_32F, {CUDA_R_32F}, fp32_rate},
      {CUBLAS_COMPUTE_32F_FAST_TF32, CUDA_R_32F, CUDA_R_32F, {CUDA_R_32F}, rate<TensorType::tf32>},
      {CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16F, {CUDA_R_32F, CUDA_R_16F}, rate<TensorType::fp16>},
      {CUBLAS_COMPUTE_16F, CUDA_R_16F, CUDA_R_16F, {CUDA_R_16F}, rate<TensorType::fp16_acc16>},
      {CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_16BF, {CUDA_R_32F, CUDA_R_16BF}, rate<TensorType::bf16>},
      {CUBLAS_COMPUTE_32F, CUDA_R_32F, CUDA_R_8F_E4M3, {CUDA_R_32F, CUDA_R_16F, CUDA_R_16BF}, rate<TensorType::fp8>},
      {CUBLAS_COMPUTE_32I, CUDA_R_32I, CUDA_R_8I, {CUDA_R_32I}, rate<TensorType::int8>},
  };
  return kKinds;
}

/// FMA per clock and SM, or 0 where the library has no such product on this device.
double rate_of(const Problem& problem) {
  for (const Kind& kind : kinds())
    if (kind.compute == problem.operation.compute && kind.scale == problem.operation.scale &&
        kind.operand == problem.a.type && kind.operand == problem.b.type &&
        std::count(kind.outs.begin(), kind.outs.end(), problem.d.type) > 0)
      return kind.rate();
  return 0;
}

/// 8-bit operands must lie on 16 bytes, row by row too.
bool aligned(const Problem& problem) {
  if (!eight_bits(problem.a.type)) return true;
  const auto by16 = [](std::uint64_t extent) { return extent % 16 == 0; };
  return by16(problem.a.rows) && by16(problem.d.rows) && by16(static_cast<std::uint64_t>(problem.a.leading)) &&
         by16(static_cast<std::uint64_t>(problem.b.leading));
}

Cost cost(const Launch& launch) {
  const auto* call = launch.argument<const Call*>(0);
  const Extents e = call->problem.extents();
  const double fmas = static_cast<double>(e.m * e.n) * static_cast<double>(e.k) * call->problem.d.batches;
  return {.sm_cycles = fmas / settings().sms / rate_of(call->problem) / call->algorithm.speed};
}

/// The index-th matrix at an address.
const std::byte* matrix_of(const void* matrices, const Layout& layout, std::int64_t index) {
  return static_cast<const std::byte*>(matrices) + index * layout.apart * width_of(element_of(layout.type)) / 8;
}

/// D transposed, row-major, of one of the products, for k from `first` to `end`: op(B) transposed times op(A) transposed.
std::vector<double> transposed_product(const Call& call, std::int64_t index, std::int64_t first, std::int64_t end,
                                       Flaw flaw) {
  const Problem& problem = call.problem;
  const Extents all = problem.extents();
  const kernels::Element element = element_of(problem.a.type);
  const auto operand = [&](const void* matrices, const Layout& layout, bool deep_rows) {
    const std::int64_t step = deep_rows ? 1 : layout.leading;  // from one of k to the next
    return Matrix{element, matrix_of(matrices, layout, index) + first * step * width_of(element) / 8,
                  deep_rows ? layout.leading : 1, step};
  };
  const Matrix b = operand(call.b, problem.b, problem.operation.b == CUBLAS_OP_N);
  Matrix a = operand(call.a, problem.a, problem.operation.a == CUBLAS_OP_T);
  std::swap(a.row_stride, a.column_stride);
  const bool whole = problem.operation.compute == CUBLAS_COMPUTE_64F || problem.operation.compute == CUBLAS_COMPUTE_32I;
  return product_in(whole ? kernels::Element::f64 : kernels::Element::f32, {all.n, all.m, end - first}, b, a, flaw);
}

/// The epilogue, on D transposed: a bias for each of its columns, and what is negative cut off. NaN stays.
void finish(const Operation& operation, kernels::Element out, std::int64_t columns, std::vector<double>& values) {
  if (!adds_bias(operation)) return;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto column = static_cast<std::int64_t>(i) % columns;
    values[i] += value_of(out, read_bits(out, operation.bias, column));
    if (operation.epilogue == CUBLASLT_EPILOGUE_RELU_BIAS && values[i] < 0) values[i] = 0;
  }
}

std::vector<double> one_product(const Call& call, std::int64_t index, Flaw flaw) {
  const Problem& problem = call.problem;
  const Extents e = problem.extents();
  const kernels::Element out = element_of(problem.d.type);
  const std::int64_t half = call.algorithm.rounds_parts ? e.k / 2 : e.k;
  auto values = transposed_product(call, index, 0, half, flaw);
  if (half < e.k) {
    const auto rest = transposed_product(call, index, half, e.k, Flaw::none);
    const auto rounded = [&](double value) { return value_of(out, bits_of_value(out, value)); };
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = rounded(values[i]) + rounded(rest[i]);
  }
  if (call.alpha != 1)
    for (double& value : values) value *= call.alpha;
  finish(problem.operation, out, e.m, values);
  return values;
}

cudaError_t answer(const Launch& launch) {
  const auto* call = launch.argument<const Call*>(0);
  const Problem& problem = call->problem;
  const kernels::Element out = element_of(problem.d.type);
  std::uint64_t alpha = 0;
  std::memcpy(&alpha, &call->alpha, sizeof alpha);
  static Repetition repetition;
  repetition.unless_done({fingerprint(problem), alpha, static_cast<std::uint64_t>(call->algorithm.rounds_parts),
                          static_cast<std::uint64_t>(launch.flaw)},
                         {call->a, call->b}, call->d, [&] {
                           for (std::int32_t i = 0; i < problem.d.batches; ++i)  // the last one is the flawed one
                             store(one_product(*call, i, i + 1 == problem.d.batches ? launch.flaw : Flaw::none), out,
                                   const_cast<std::byte*>(matrix_of(call->d, problem.d, i)));
                         });
  return cudaSuccess;
}

}  // namespace

std::uint64_t fingerprint(const Problem& problem) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  const auto add = [&](std::uint64_t word) { hash = (hash ^ word) * 0x100000001b3ULL; };
  add(static_cast<std::uint64_t>(problem.operation.compute));
  add(static_cast<std::uint64_t>(problem.operation.scale));
  add(static_cast<std::uint64_t>(problem.operation.a));
  add(static_cast<std::uint64_t>(problem.operation.b));
  add(problem.operation.epilogue);
  add(reinterpret_cast<std::uintptr_t>(problem.operation.bias));
  for (const Layout& layout : {problem.a, problem.b, problem.d}) {
    add(static_cast<std::uint64_t>(layout.type));
    add(layout.rows);
    add(layout.columns);
    add(static_cast<std::uint64_t>(layout.leading));
    add(static_cast<std::uint64_t>(layout.batches));
    add(static_cast<std::uint64_t>(layout.apart));
  }
  return hash;
}

kernels::Element element_of(cudaDataType_t type) {
  using kernels::Element;
  switch (type) {
    case CUDA_R_64F:
      return Element::f64;
    case CUDA_R_16F:
      return Element::f16;
    case CUDA_R_16BF:
      return Element::bf16;
    case CUDA_R_8F_E4M3:
      return Element::e4m3;
    case CUDA_R_8I:
      return Element::s8;
    case CUDA_R_32I:
      return Element::s32;
    default:
      return Element::f32;
  }
}

bool eight_bits(cudaDataType_t type) { return type == CUDA_R_8I || type == CUDA_R_8F_E4M3; }

bool plays(std::uint32_t epilogue) {
  return epilogue == CUBLASLT_EPILOGUE_DEFAULT || epilogue == CUBLASLT_EPILOGUE_BIAS ||
         epilogue == CUBLASLT_EPILOGUE_RELU_BIAS;
}
bool adds_bias(const Operation& operation) { return (operation.epilogue & CUBLASLT_EPILOGUE_BIAS) != 0; }

bool can_multiply(const Problem& problem) { return rate_of(problem) > 0 && aligned(problem); }

bool shorter_out(const Problem& problem) {
  const bool half = problem.d.type == CUDA_R_16F || problem.d.type == CUDA_R_16BF;
  return half && problem.operation.compute != CUBLAS_COMPUTE_16F;
}

KernelModel library_model(std::uint64_t offer) {
  // A flaw may be of all offers, or of one.
  const std::string alone = "cublasLtMatmul_" + std::to_string(offer);
  return {.name = settings().flawed_kernel == alone ? alone : "cublasLtMatmul",
          .role = Role::measured,
          .cost = cost,
          .answer = answer};
}

}  // namespace peakproof::stand_in
