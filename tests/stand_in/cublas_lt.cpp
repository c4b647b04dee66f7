// cuBLASLt: handles, descriptors and what is refused. What it computes is in models/library_gemm.
#include <cublasLt.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>

#include "tests/stand_in/memory.hpp"
#include "tests/stand_in/models/library_gemm.hpp"
#include "tests/stand_in/models/numbers.hpp"
#include "tests/stand_in/state.hpp"
#include "tests/stand_in/stream.hpp"

namespace peakproof::stand_in {
namespace {

// ---- what the program holds ----

struct Preference {
  std::uint64_t workspace = 0;
  std::uint32_t reductions = CUBLASLT_REDUCTION_SCHEME_MASK;
  std::array<std::uint32_t, 4> alignments = {256, 256, 256, 256};  // A, B, C, D
};
struct Library {};

/// Objects that were given out under handles and not yet taken back.
template <class Object, class Handle>
class Given {
 public:
  cublasStatus_t make(Handle* handle, const Object& object) {
    auto owner = std::make_unique<Object>(object);
    *handle = reinterpret_cast<Handle>(owner.get());
    objects_[*handle] = std::move(owner);
    return CUBLAS_STATUS_SUCCESS;
  }
  [[nodiscard]] Object* find(Handle handle) const {
    const auto found = objects_.find(handle);
    return found == objects_.end() ? nullptr : found->second.get();
  }
  cublasStatus_t destroy(Handle handle) {
    return objects_.erase(handle) == 0 ? CUBLAS_STATUS_INVALID_VALUE : CUBLAS_STATUS_SUCCESS;
  }
  static Given& all() {
    static Given all;
    return all;
  }

 private:
  std::map<Handle, std::unique_ptr<Object>> objects_;
};
using Libraries = Given<Library, cublasLtHandle_t>;
using Operations = Given<Operation, cublasLtMatmulDesc_t>;
using Layouts = Given<Layout, cublasLtMatrixLayout_t>;
using Preferences = Given<Preference, cublasLtMatmulPreference_t>;

/// Copies an attribute's value, whose size must be that of the attribute.
template <class Value>
cublasStatus_t take(Value& value, const void* buffer, std::size_t bytes) {
  if (buffer == nullptr || bytes != sizeof value) return CUBLAS_STATUS_INVALID_VALUE;
  std::memcpy(&value, buffer, sizeof value);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t not_played(const char* what) {
  std::fprintf(stderr, "stand-in: cublasLt: %s is not played\n", what);
  return CUBLAS_STATUS_NOT_SUPPORTED;
}

/// What an algorithm's opaque words hold here.
struct Ticket {
  std::uint64_t mark;
  std::uint64_t algorithm;
  std::uint64_t offer;  ///< from 1
  std::uint64_t problem;
};
constexpr std::uint64_t kMark = 0x70656b7070726f6fULL;
static_assert(sizeof(Ticket) <= sizeof(cublasLtMatmulAlgo_t));

/// The product that descriptors mean, or why the library has none.
struct Asked {
  cublasStatus_t status = CUBLAS_STATUS_SUCCESS;
  Problem problem;
};
Asked asked(cublasLtMatmulDesc_t operation, cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
            cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d) {
  const Operation* op = Operations::all().find(operation);
  const Layout* la = Layouts::all().find(a);
  const Layout* lb = Layouts::all().find(b);
  const Layout* lc = Layouts::all().find(c);
  const Layout* ld = Layouts::all().find(d);
  if (!op || !la || !lb || !lc || !ld || !(*lc == *ld)) return {CUBLAS_STATUS_INVALID_VALUE, {}};
  const Problem problem{*op, *la, *lb, *ld};
  for (const Layout& layout : {*la, *lb, *ld})
    if (layout.rows == 0 || layout.columns == 0 || layout.leading < static_cast<std::int64_t>(layout.rows) ||
        layout.batches < 1)
      return {CUBLAS_STATUS_INVALID_VALUE, problem};
  // 8-bit operands are multiplied in the order TN alone, and integer sums take no epilogue.
  const bool turned = op->a != CUBLAS_OP_T || op->b != CUBLAS_OP_N;
  if (turned && eight_bits(la->type)) return {CUBLAS_STATUS_NOT_SUPPORTED, problem};
  if (!plays(op->epilogue)) return {not_played("an epilogue other than a bias, with or without ReLU"), problem};
  if (adds_bias(*op)) {
    if (op->compute == CUBLAS_COMPUTE_32I) return {CUBLAS_STATUS_NOT_SUPPORTED, problem};
    if (op->bias_type != -1 && op->bias_type != ld->type) return {not_played("a bias of another format"), problem};
    if (ld->batches != 1) return {not_played("a bias of several products"), problem};
  }
  if (ld->leading != static_cast<std::int64_t>(ld->rows)) return {not_played("a result with gaps"), problem};
  if (la->batches != ld->batches || lb->batches != ld->batches) return {CUBLAS_STATUS_INVALID_VALUE, problem};
  const std::uint64_t deep = op->a == CUBLAS_OP_T ? la->rows : la->columns;
  const std::uint64_t m = op->a == CUBLAS_OP_T ? la->columns : la->rows;
  const std::uint64_t n = op->b == CUBLAS_OP_T ? lb->rows : lb->columns;
  if (m != ld->rows || n != ld->columns || deep != (op->b == CUBLAS_OP_T ? lb->columns : lb->rows))
    return {CUBLAS_STATUS_INVALID_VALUE, problem};
  if (!can_multiply(problem)) return {CUBLAS_STATUS_NOT_SUPPORTED, problem};
  return {CUBLAS_STATUS_SUCCESS, problem};
}

/// Writes what the preference allows, in the library's order, and returns how many there are.
int offer(const Problem& problem, const Preference& preference, int most, cublasLtMatmulHeuristicResult_t* offers) {
  const int limit = std::min(most, settings().candidates);
  int count = 0;
  for (std::size_t i = 0; i < kAlgorithms.size() && count < limit; ++i) {
    const Algorithm& algorithm = kAlgorithms.at(i);
    if (algorithm.workspace > preference.workspace) continue;
    if (*std::min_element(preference.alignments.begin(), preference.alignments.end()) < algorithm.alignment) continue;
    if (algorithm.rounds_parts &&
        (!shorter_out(problem) || (preference.reductions & CUBLASLT_REDUCTION_SCHEME_OUTPUT_TYPE) == 0))
      continue;
    const Ticket ticket{kMark, i, static_cast<std::uint64_t>(count) + 1, fingerprint(problem)};
    cublasLtMatmulHeuristicResult_t result{};
    std::memcpy(&result.algo, &ticket, sizeof ticket);
    result.workspaceSize = algorithm.workspace;
    result.state = CUBLAS_STATUS_SUCCESS;
    result.wavesCount = 1;
    offers[count++] = result;
  }
  return count;
}

/// The factor in the format of the operation.
double factor(const void* value, cudaDataType_t scale) {
  const auto as = [&](auto number) {
    std::memcpy(&number, value, sizeof number);
    return number;
  };
  if (scale == CUDA_R_64F) return as(0.0);
  if (scale == CUDA_R_32F) return static_cast<double>(as(0.0F));
  if (scale == CUDA_R_32I) return static_cast<double>(as(std::int32_t{0}));
  return value_of(kernels::Element::f16, as(std::uint16_t{0}));
}

/// Whether column-major matrices lie in device memory.
bool in_memory(const void* matrix, const Layout& layout) {
  const auto elements = (layout.batches - 1) * layout.apart +
                        static_cast<std::int64_t>(layout.columns - 1) * layout.leading +
                        static_cast<std::int64_t>(layout.rows);
  return matrix_at(matrix, element_of(layout.type), elements) != nullptr;
}

bool bias_in_memory(const Problem& problem) {
  return !adds_bias(problem.operation) ||
         matrix_at(problem.operation.bias, element_of(problem.d.type), static_cast<std::int64_t>(problem.d.rows));
}

/// Every one of the matrices.
bool lies_on(const Call& call, std::uintptr_t alignment) {
  const auto on = [&](const void* address, const Layout& layout) {
    const auto apart = static_cast<std::uintptr_t>(layout.batches > 1 ? layout.apart : 0) *
                       static_cast<std::uintptr_t>(width_of(element_of(layout.type))) / 8;
    return (reinterpret_cast<std::uintptr_t>(address) | apart) % alignment == 0;
  };
  return on(call.a, call.problem.a) && on(call.b, call.problem.b) && on(call.d, call.problem.d);
}

cublasStatus_t multiply(Call call, const Ticket& ticket, const void* workspace, std::size_t workspace_bytes) {
  if (ticket.mark != kMark || ticket.algorithm >= kAlgorithms.size() || ticket.problem != fingerprint(call.problem))
    return CUBLAS_STATUS_INVALID_VALUE;
  call.algorithm = kAlgorithms.at(ticket.algorithm);
  if (settings().refused_candidate != 0 && ticket.offer == static_cast<std::uint64_t>(settings().refused_candidate))
    return CUBLAS_STATUS_NOT_SUPPORTED;
  const auto needed = static_cast<std::int64_t>(call.algorithm.workspace);
  if (workspace_bytes < call.algorithm.workspace || (needed > 0 && !is_device_memory(workspace, needed)))
    return CUBLAS_STATUS_INVALID_VALUE;
  if (!in_memory(call.a, call.problem.a) || !in_memory(call.b, call.problem.b) || !in_memory(call.d, call.problem.d) ||
      !bias_in_memory(call.problem)) {
    lose_device(cudaErrorIllegalAddress);
    return CUBLAS_STATUS_EXECUTION_FAILED;
  }
  if (!lies_on(call, eight_bits(call.problem.a.type) ? 16 : call.algorithm.alignment))
    return CUBLAS_STATUS_INVALID_VALUE;
  const Call* pointer = &call;
  void* arguments[] = {&pointer};
  const cudaError_t error = remember(play(library_model(ticket.offer), {.arguments = arguments}));
  return error == cudaSuccess ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_EXECUTION_FAILED;
}

}  // namespace
}  // namespace peakproof::stand_in

// NOLINTBEGIN(readability-identifier-naming): the names are cuBLASLt's
namespace self = peakproof::stand_in;
extern "C" {

size_t cublasLtGetVersion() { return 130'100; }
const char* cublasLtGetStatusName(cublasStatus_t status) {
  switch (status) {
    case CUBLAS_STATUS_SUCCESS:
      return "CUBLAS_STATUS_SUCCESS";
    case CUBLAS_STATUS_NOT_INITIALIZED:
      return "CUBLAS_STATUS_NOT_INITIALIZED";
    case CUBLAS_STATUS_INVALID_VALUE:
      return "CUBLAS_STATUS_INVALID_VALUE";
    case CUBLAS_STATUS_EXECUTION_FAILED:
      return "CUBLAS_STATUS_EXECUTION_FAILED";
    case CUBLAS_STATUS_NOT_SUPPORTED:
      return "CUBLAS_STATUS_NOT_SUPPORTED";
    default:
      return "CUBLAS_STATUS_INTERNAL_ERROR";
  }
}

cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
  if (self::health() != cudaSuccess) return CUBLAS_STATUS_NOT_INITIALIZED;
  return self::Libraries::all().make(handle, {});
}
cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle) {
  self::wait_for_device();
  return self::Libraries::all().destroy(handle);
}

cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* operation, cublasComputeType_t compute,
                                        cudaDataType_t scale) {
  return self::Operations::all().make(operation, {.compute = compute, .scale = scale});
}
cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t operation) {
  return self::Operations::all().destroy(operation);
}
cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t operation, cublasLtMatmulDescAttributes_t attribute,
                                              const void* value, size_t bytes) {
  self::Operation* op = self::Operations::all().find(operation);
  if (!op) return CUBLAS_STATUS_INVALID_VALUE;
  if (attribute == CUBLASLT_MATMUL_DESC_TRANSA) return self::take(op->a, value, bytes);
  if (attribute == CUBLASLT_MATMUL_DESC_TRANSB) return self::take(op->b, value, bytes);
  if (attribute == CUBLASLT_MATMUL_DESC_FAST_ACCUM) return self::take(op->fast_accumulation, value, bytes);
  if (attribute == CUBLASLT_MATMUL_DESC_EPILOGUE) return self::take(op->epilogue, value, bytes);
  if (attribute == CUBLASLT_MATMUL_DESC_BIAS_POINTER) return self::take(op->bias, value, bytes);
  if (attribute == CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE) return self::take(op->bias_type, value, bytes);
  return self::not_played("an attribute of an operation");
}

cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* layout, cudaDataType_t type, uint64_t rows,
                                          uint64_t columns, int64_t leading) {
  return self::Layouts::all().make(layout, {.type = type, .rows = rows, .columns = columns, .leading = leading});
}
cublasStatus_t cublasLtMatrixLayoutSetAttribute(cublasLtMatrixLayout_t layout,
                                                cublasLtMatrixLayoutAttribute_t attribute, const void* value,
                                                size_t bytes) {
  self::Layout* matrices = self::Layouts::all().find(layout);
  if (!matrices) return CUBLAS_STATUS_INVALID_VALUE;
  if (attribute == CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT) return self::take(matrices->batches, value, bytes);
  if (attribute == CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET) return self::take(matrices->apart, value, bytes);
  return self::not_played("an attribute of a matrix");
}
cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout) {
  return self::Layouts::all().destroy(layout);
}

cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* preference) {
  return self::Preferences::all().make(preference, {});
}
cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference) {
  return self::Preferences::all().destroy(preference);
}
cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t preference,
                                                    cublasLtMatmulPreferenceAttributes_t attribute, const void* value,
                                                    size_t bytes) {
  self::Preference* wanted = self::Preferences::all().find(preference);
  if (!wanted) return CUBLAS_STATUS_INVALID_VALUE;
  switch (attribute) {
    case CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES:
      return self::take(wanted->workspace, value, bytes);
    case CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK:
      return self::take(wanted->reductions, value, bytes);
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES:
      return self::take(wanted->alignments[0], value, bytes);
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES:
      return self::take(wanted->alignments[1], value, bytes);
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES:
      return self::take(wanted->alignments[2], value, bytes);
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES:
      return self::take(wanted->alignments[3], value, bytes);
    default:
      return self::not_played("an attribute of a preference");
  }
}

cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t handle, cublasLtMatmulDesc_t operation,
                                              cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                                              cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                                              cublasLtMatmulPreference_t preference, int most,
                                              cublasLtMatmulHeuristicResult_t* offers, int* count) {
  if (!self::Libraries::all().find(handle)) return CUBLAS_STATUS_NOT_INITIALIZED;
  const self::Preference* wanted = self::Preferences::all().find(preference);
  if (!wanted || most < 1 || !offers || !count) return CUBLAS_STATUS_INVALID_VALUE;
  *count = 0;
  const self::Asked asked = self::asked(operation, a, b, c, d);
  if (asked.status != CUBLAS_STATUS_SUCCESS) return asked.status;
  *count = self::offer(asked.problem, *wanted, most, offers);
  return *count > 0 ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_NOT_SUPPORTED;
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t handle, cublasLtMatmulDesc_t operation, const void* alpha, const void* a,
                              cublasLtMatrixLayout_t layout_a, const void* b, cublasLtMatrixLayout_t layout_b,
                              const void* beta, const void* /*c*/, cublasLtMatrixLayout_t layout_c, void* d,
                              cublasLtMatrixLayout_t layout_d, const cublasLtMatmulAlgo_t* algorithm, void* workspace,
                              size_t workspace_bytes, cudaStream_t stream) {
  if (!self::Libraries::all().find(handle)) return CUBLAS_STATUS_NOT_INITIALIZED;
  if (self::health() != cudaSuccess) {
    static_cast<void>(self::remember(self::health()));
    return CUBLAS_STATUS_EXECUTION_FAILED;
  }
  const self::Asked asked = self::asked(operation, layout_a, layout_b, layout_c, layout_d);
  if (asked.status != CUBLAS_STATUS_SUCCESS) return asked.status;
  if (!alpha || !beta) return CUBLAS_STATUS_INVALID_VALUE;
  if (!algorithm) return self::not_played("a product without an algorithm");
  if (self::factor(beta, asked.problem.operation.scale) != 0) return self::not_played("a beta other than 0");
  self::Ticket ticket{};
  std::memcpy(&ticket, algorithm, sizeof ticket);
  if (self::find_own_stream(stream) != cudaSuccess) return CUBLAS_STATUS_INVALID_VALUE;
  self::settle(stream);
  return self::multiply(
      {.problem = asked.problem, .a = a, .b = b, .d = d, .alpha = self::factor(alpha, asked.problem.operation.scale)},
      ticket, workspace, workspace_bytes);
}
}
// NOLINTEND(readability-identifier-naming)
