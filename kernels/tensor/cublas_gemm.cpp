// cuBLASLt behind the interface of a kernel.
#include "kernels/tensor/cublas_gemm.hpp"

#include <cuda_fp16.h>

#include <cstdint>
#include <cstring>

namespace peakproof::kernels {
namespace {

/// Calls until one fails; the others are left out.
class Calls {
 public:
  template <class Function, class... Arguments>
  Calls& then(const char* name, const Function& function, const Arguments&... arguments) {
    if (status_.ok()) status_ = {.code = function(arguments...), .call = name};
    return *this;
  }
  [[nodiscard]] CublasStatus status() const { return status_; }

 private:
  CublasStatus status_;
};

/// A new object in its owner.
template <class Owner, class Create>
cublasStatus_t create(Owner& owner, const Create& make) {
  typename Owner::pointer handle = nullptr;
  const cublasStatus_t code = make(&handle);
  owner.reset(code == CUBLAS_STATUS_SUCCESS ? handle : nullptr);
  return code;
}

template <class Value>
cublasStatus_t set(cublasLtMatmulDesc_t operation, cublasLtMatmulDescAttributes_t attribute, const Value& value) {
  return cublasLtMatmulDescSetAttribute(operation, attribute, &value, sizeof value);
}
template <class Value>
cublasStatus_t prefer(cublasLtMatmulPreference_t preference, cublasLtMatmulPreferenceAttributes_t attribute,
                      const Value& value) {
  return cublasLtMatmulPreferenceSetAttribute(preference, attribute, &value, sizeof value);
}

/// The bytes of a factor in the format of the factors.
std::array<std::byte, sizeof(double)> bytes_of_factor(float factor, cudaDataType_t scale) {
  std::array<std::byte, sizeof(double)> bytes{};
  const auto write = [&](const auto& one) { std::memcpy(bytes.data(), &one, sizeof one); };
  if (scale == CUDA_R_64F) write(static_cast<double>(factor));
  if (scale == CUDA_R_32F) write(factor);
  if (scale == CUDA_R_32I) write(static_cast<std::int32_t>(factor));
  if (scale == CUDA_R_16F) write(__float2half(factor));
  return bytes;
}

bool is_fp8(Element element) { return element == Element::e4m3 || element == Element::e5m2; }

cudaDataType_t format_of(Element element) {
  switch (element) {
    case Element::f64:
      return CUDA_R_64F;
    case Element::f32:
    case Element::tf32:
      return CUDA_R_32F;
    case Element::f16:
      return CUDA_R_16F;
    case Element::bf16:
      return CUDA_R_16BF;
    case Element::e4m3:
      return CUDA_R_8F_E4M3;
    case Element::e5m2:
      return CUDA_R_8F_E5M2;
    case Element::s32:
      return CUDA_R_32I;
    case Element::s8:
      return CUDA_R_8I;
    case Element::s4:
      return CUDA_R_4I;
    case Element::b1:
      break;
  }
  return CUDA_R_8U;  // unused: no product of b1 is in the table below
}

/// Whether the choices suit the formats. 8-bit operands are multiplied in one order everywhere, and integer sums take no
/// bias (cuBLAS library documentation, cublasLtMatmul(): "non-default epilogue not supported").
bool suit(const CublasChoices& choices, const GemmTypes& types) {
  const bool turned = choices.a_turned || choices.b_turned;
  const bool ends = choices.ending != CublasEnding::none;
  if (bits_of(types.operand) == 8 && (turned || ends)) return false;
  if (is_integer(types.operand) && choices.factor != 1) return false;
  return choices.batches > 0 && choices.batches <= INT32_MAX && ends == (choices.bias != nullptr) &&
         (!ends || choices.batches == 1);
}

bool fits(const GemmShape& shape, const GemmTile& tile) {
  return shape.m > 0 && shape.n > 0 && shape.k > 0 && shape.m % tile.m == 0 && shape.n % tile.n == 0 &&
         shape.k % tile.k == 0;
}

}  // namespace

std::optional<CublasFormats> cublas_formats(const GemmTypes& types) {
  // cuBLAS library documentation, cublasLtMatmul(), the table of computeType, scaleType, Atype/Btype and Ctype.
  struct Row {
    GemmTypes types;
    cublasComputeType_t compute;
    cudaDataType_t scale;
  };
  constexpr std::array kTable = {
      Row{{Element::f64, Element::f64, Element::f64}, CUBLAS_COMPUTE_64F, CUDA_R_64F},
      Row{{Element::f32, Element::f32, Element::f32}, CUBLAS_COMPUTE_32F, CUDA_R_32F},
      Row{{Element::tf32, Element::f32, Element::f32}, CUBLAS_COMPUTE_32F_FAST_TF32, CUDA_R_32F},
      Row{{Element::f16, Element::f32, Element::f32}, CUBLAS_COMPUTE_32F, CUDA_R_32F},
      Row{{Element::f16, Element::f32, Element::f16}, CUBLAS_COMPUTE_32F, CUDA_R_32F},
      Row{{Element::f16, Element::f16, Element::f16}, CUBLAS_COMPUTE_16F, CUDA_R_16F},
      Row{{Element::bf16, Element::f32, Element::f32}, CUBLAS_COMPUTE_32F, CUDA_R_32F},
      Row{{Element::bf16, Element::f32, Element::bf16}, CUBLAS_COMPUTE_32F, CUDA_R_32F},
      Row{{Element::e4m3, Element::f32, Element::f32}, CUBLAS_COMPUTE_32F, CUDA_R_32F},
      Row{{Element::e4m3, Element::f32, Element::f16}, CUBLAS_COMPUTE_32F, CUDA_R_32F},
      Row{{Element::e4m3, Element::f32, Element::bf16}, CUBLAS_COMPUTE_32F, CUDA_R_32F},
      Row{{Element::s8, Element::s32, Element::s32}, CUBLAS_COMPUTE_32I, CUDA_R_32I},
  };
  for (const Row& row : kTable)
    if (row.types == types)
      return CublasFormats{
          .operand = format_of(types.operand), .out = format_of(types.out), .scale = row.scale, .compute = row.compute};
  return std::nullopt;
}

GemmTile cublas_tile(const GemmTypes& types) {
  constexpr int kBytes = 16;
  return bits_of(types.operand) == 8 ? GemmTile{kBytes, kBytes, kBytes} : GemmTile{1, 1, 1};
}

int cublas_least_architecture(Element operand) {
  if (is_fp8(operand)) return 89;
  return operand == Element::bf16 || operand == Element::tf32 ? 80 : 0;
}

CublasStatus CublasGemm::open(const GemmTypes& types, const GemmShape& shape, const CublasChoices& choices) {
  algorithms_.clear();
  const auto formats = cublas_formats(types);
  if (!formats) return {.code = CUBLAS_STATUS_NOT_SUPPORTED, .call = "cublas_formats"};
  if (!fits(shape, cublas_tile(types))) return {.code = CUBLAS_STATUS_INVALID_VALUE, .call = "cublas_tile"};
  if (!suit(choices, types)) return {.code = CUBLAS_STATUS_INVALID_VALUE, .call = "CublasChoices"};
  if (const CublasStatus status = describe(types, *formats, shape, choices); !status.ok()) return status;
  return ask(types, choices);
}

CublasStatus CublasGemm::describe(const GemmTypes& types, const CublasFormats& formats, const GemmShape& shape,
                                  const CublasChoices& choices) {
  // cuBLASLt is column-major. Our C, row-major, is its C transposed, which is B transposed x A transposed. B, whose k
  // runs fastest, is a k x n matrix to it that it must transpose, and A a k x m matrix: "TN", the one order in which it
  // multiplies 8-bit operands everywhere.
  const auto m = static_cast<std::uint64_t>(shape.m);
  const auto n = static_cast<std::uint64_t>(shape.n);
  const auto k = static_cast<std::uint64_t>(shape.k);
  factor_ = bytes_of_factor(choices.factor, formats.scale);
  Calls calls;
  calls.then("cublasLtCreate", [&] { return create(library_, cublasLtCreate); })
      .then("cublasLtMatmulDescCreate",
            [&] {
              return create(operation_,
                            [&](auto* made) { return cublasLtMatmulDescCreate(made, formats.compute, formats.scale); });
            })
      .then("CUBLASLT_MATMUL_DESC_TRANSA",
            [&] {
              return set(operation_.get(), CUBLASLT_MATMUL_DESC_TRANSA, choices.b_turned ? CUBLAS_OP_N : CUBLAS_OP_T);
            })
      .then("CUBLASLT_MATMUL_DESC_TRANSB", [&] {
        return set(operation_.get(), CUBLASLT_MATMUL_DESC_TRANSB, choices.a_turned ? CUBLAS_OP_T : CUBLAS_OP_N);
      });
  if (is_fp8(types.operand)) {
    const auto fast = static_cast<std::int8_t>(choices.fast_accumulation ? 1 : 0);
    calls.then("CUBLASLT_MATMUL_DESC_FAST_ACCUM",
               [&] { return set(operation_.get(), CUBLASLT_MATMUL_DESC_FAST_ACCUM, fast); });
  }
  if (choices.ending != CublasEnding::none) {
    const auto ending =
        choices.ending == CublasEnding::relu_bias ? CUBLASLT_EPILOGUE_RELU_BIAS : CUBLASLT_EPILOGUE_BIAS;
    const auto tell = [&](const char* name, cublasLtMatmulDescAttributes_t attribute, const auto& value) {
      calls.then(name, [&] { return set(operation_.get(), attribute, value); });
    };
    tell("CUBLASLT_MATMUL_DESC_EPILOGUE", CUBLASLT_MATMUL_DESC_EPILOGUE, ending);
    tell("CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE", CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, formats.out);
    tell("CUBLASLT_MATMUL_DESC_BIAS_POINTER", CUBLASLT_MATMUL_DESC_BIAS_POINTER, choices.bias);
  }
  const auto layout = [&](Layout& owner, cudaDataType_t type, std::uint64_t rows, std::uint64_t columns) {
    calls.then("cublasLtMatrixLayoutCreate", [&] {
      return create(owner, [&](auto* made) {
        return cublasLtMatrixLayoutCreate(made, type, rows, columns, static_cast<std::int64_t>(rows));
      });
    });
    if (choices.batches == 1) return;
    const auto tell = [&](const char* name, cublasLtMatrixLayoutAttribute_t attribute, const auto& value) {
      calls.then(name, [&] { return cublasLtMatrixLayoutSetAttribute(owner.get(), attribute, &value, sizeof value); });
    };
    tell("CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT", CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT,
         static_cast<std::int32_t>(choices.batches));
    tell("CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET", CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET,
         static_cast<std::int64_t>(rows * columns));
  };
  layout(b_, formats.operand, choices.b_turned ? n : k, choices.b_turned ? k : n);
  layout(a_, formats.operand, choices.a_turned ? m : k, choices.a_turned ? k : m);
  layout(c_, formats.out, n, m);
  return calls.status();
}

CublasStatus CublasGemm::ask(const GemmTypes& types, const CublasChoices& choices) {
  using Preference = std::unique_ptr<cublasLtMatmulPreferenceOpaque_t,
                                     Destroy<cublasLtMatmulPreference_t, cublasLtMatmulPreferenceDestroy>>;
  Preference preference;
  Calls calls;
  calls.then("cublasLtMatmulPreferenceCreate", [&] { return create(preference, cublasLtMatmulPreferenceCreate); });
  const auto want = [&](const char* name, cublasLtMatmulPreferenceAttributes_t attribute, const auto& value) {
    calls.then(name, [&] { return prefer(preference.get(), attribute, value); });
  };
  want("CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES", CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
       std::uint64_t{workspace_bytes});
  want("CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES", CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, choices.alignment);
  want("CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES", CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, choices.alignment);
  want("CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES", CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, choices.alignment);
  want("CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES", CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, choices.alignment);
  // A sum over k that is split may not be rounded to a shorter output format before its parts are added.
  if (types.out != types.accumulate)
    want("CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK", CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
         static_cast<std::uint32_t>(CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE));

  std::array<cublasLtMatmulHeuristicResult_t, most_candidates> offers{};
  int count = 0;
  calls.then("cublasLtMatmulAlgoGetHeuristic", [&] {
    return cublasLtMatmulAlgoGetHeuristic(library_.get(), operation_.get(), b_.get(), a_.get(), c_.get(), c_.get(),
                                          preference.get(), most_candidates, offers.data(), &count);
  });
  if (!calls.status().ok()) return calls.status();
  for (int i = 0; i < count; ++i) {
    const auto& offer = offers.at(static_cast<std::size_t>(i));
    if (offer.state == CUBLAS_STATUS_SUCCESS && offer.workspaceSize <= workspace_bytes)
      algorithms_.push_back(offer.algo);
  }
  const auto code = algorithms_.empty() ? CUBLAS_STATUS_NOT_SUPPORTED : CUBLAS_STATUS_SUCCESS;
  return {.code = code, .call = "cublasLtMatmulAlgoGetHeuristic"};
}

CublasStatus CublasGemm::launch(int candidate, const void* a, const void* b, void* c, void* workspace,
                                cudaStream_t stream) const {
  if (candidate < 0 || candidate >= candidates())
    return {.code = CUBLAS_STATUS_INVALID_VALUE, .call = "cublasLtMatmul"};
  const auto code = cublasLtMatmul(
      library_.get(), operation_.get(), factor_.data(), b, b_.get(), a, a_.get(), zero_.data(), c, c_.get(), c,
      c_.get(), &algorithms_[static_cast<std::size_t>(candidate)], workspace, workspace_bytes, stream);
  return {.code = code, .call = "cublasLtMatmul"};
}

CublasVersion cublas_version() {
  constexpr std::size_t kMajor = 10'000;
  constexpr std::size_t kMinor = 100;
  const std::size_t version = cublasLtGetVersion();
  return {.major = static_cast<int>(version / kMajor),
          .minor = static_cast<int>(version % kMajor / kMinor),
          .patch = static_cast<int>(version % kMinor)};
}

}  // namespace peakproof::kernels
