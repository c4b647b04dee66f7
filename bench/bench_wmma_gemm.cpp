// How much of the tensor cores does a hand-written WMMA matrix product reach in each type, and how near does it come to
// cuBLASLt?
#include <optional>
#include <string>

#include "bench/harness/cuda_cublas.hpp"
#include "bench/harness/cuda_gemm.hpp"
#include "bench/harness/cuda_matrix_chain.hpp"
#include "kernels/tensor/wmma_gemm.hpp"
#include "theory/throughput.hpp"

namespace peakproof::bench {
namespace {

using kernels::WmmaGemm;
using kernels::WmmaType;

theory::Pipe tensor_pipe(WmmaType type) {
  switch (type) {
    case WmmaType::fp16:
      break;
    case WmmaType::fp16_acc16:
      return theory::Pipe::tensor_fp16_acc16;
    case WmmaType::bf16:
      return theory::Pipe::tensor_bf16;
    case WmmaType::tf32:
      return theory::Pipe::tensor_tf32;
    case WmmaType::fp64:
      return theory::Pipe::tensor_fp64;
    case WmmaType::int8:
      return theory::Pipe::tensor_int8;
    case WmmaType::int4:
      return theory::Pipe::tensor_int4;
    case WmmaType::b1:
      return theory::Pipe::tensor_b1;
  }
  return theory::Pipe::tensor_fp16;
}

/// Why this device does not multiply with an instruction of the type; nothing where it does.
std::optional<std::string> why_skipped(const CudaDevice& device, const WmmaGemm& gemm) {
  const auto code = code_architecture(device.audit(gemm.symbol()).arch);
  const std::string why = why_not_native(gemm.native(), device.spec().compute_capability, code);
  return why.empty() ? std::nullopt : std::optional(why);
}

}  // namespace

void declare_wmma_gemm_cuda(Registry& registry, CudaDevice& device) {
  for (const WmmaType type : kernels::kWmmaTypes) {
    const WmmaGemm gemm{type, {}};
    const auto pipe = theory::mma_ceiling(device.spec(), tensor_pipe(type));
    const auto no_reference = cublas_lacks(device.spec(), gemm.types());
    const auto reference = no_reference ? std::nullopt : std::optional(cublas_reference(device, gemm.types()));
    std::string remark = no_reference.value_or("");
    if (!pipe) remark = "no ceiling of WMMA is known here: the tensor cores have a faster way, wgmma or tcgen05";
    add_cuda_gemm(
        registry, device,
        {.name = "wmma_gemm",
         .params = {{"type", gemm.type_name()}},
         .types = gemm.types(),
         .pipe = pipe,
         .tile = gemm.tile(),
         .kernel = gemm.symbol(),
         .remark = remark,
         .skip = why_skipped(device, gemm),
         .launch =
             [type](const kernels::GemmShape& shape, const GemmOperands& set, std::size_t, cudaStream_t stream) {
               check(kernels::launch(WmmaGemm{type, shape}, set.a, set.b, set.c, stream));
             },
         .reference = reference});
  }
}

}  // namespace peakproof::bench
